namespace KedaJobs.ServiceBus.Entities;

/// <summary>
/// All messages of a queue by sequence number: constant time to find, add and remove, and an ordered walk for peeking.
/// Numbers are dense, so they are kept in small pages; a page goes when its last message goes.
/// </summary>
internal sealed class SequenceIndex
{
    // Small, because a page can outlive all but one of its messages.
    private const int PageBits = 6;
    private const int PageSize = 1 << PageBits;

    private readonly List<Page> _pages = [];
    private int _firstPage;

    public int Count { get; private set; }

    public void Add(BrokerMessage message)
    {
        var number = message.SequenceNumber >> PageBits;
        var index = FindPage(number);
        if (index < 0)
        {
            index = ~index;
            _pages.Insert(index, new Page(number));
        }

        var page = _pages[index];
        ref var slot = ref page.Slots[message.SequenceNumber & (PageSize - 1)];
        if (slot is not null)
        {
            throw new InvalidOperationException($"There is already a message with number {message.SequenceNumber}.");
        }

        slot = message;
        page.Used++;
        Count++;
    }

    public BrokerMessage? Find(long sequenceNumber)
    {
        var index = FindPage(sequenceNumber >> PageBits);
        return index < 0 ? null : _pages[index].Slots[sequenceNumber & (PageSize - 1)];
    }

    public void Remove(BrokerMessage message)
    {
        var index = FindPage(message.SequenceNumber >> PageBits);
        var page = _pages[index];
        page.Slots[message.SequenceNumber & (PageSize - 1)] = null;
        Count--;
        if (--page.Used == 0)
        {
            RemovePage(index);
        }
    }

    /// <summary>The messages with this number or a higher one, in order. The index must not change during the walk.</summary>
    public IEnumerable<BrokerMessage> From(long sequenceNumber)
    {
        var first = FindPage(sequenceNumber >> PageBits);
        for (var index = first < 0 ? ~first : first; index < _pages.Count; index++)
        {
            foreach (var message in _pages[index].Slots)
            {
                if (message is not null && message.SequenceNumber >= sequenceNumber)
                {
                    yield return message;
                }
            }
        }
    }

    private int FindPage(long number)
    {
        // Nearly all look-ups are for the newest page (arrival) or the oldest (settlement).
        var count = _pages.Count;
        if (count > _firstPage)
        {
            if (_pages[count - 1].Number == number)
            {
                return count - 1;
            }

            if (_pages[_firstPage].Number == number)
            {
                return _firstPage;
            }
        }

        var (low, high) = (_firstPage, count - 1);
        while (low <= high)
        {
            var middle = low + ((high - low) / 2);
            var found = _pages[middle].Number;
            if (found == number)
            {
                return middle;
            }

            if (found < number)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
    }

    private void RemovePage(int index)
    {
        if (index != _firstPage)
        {
            _pages.RemoveAt(index);
            return;
        }

        // The oldest page goes all the time: leave a gap and close many gaps at once.
        _pages[index] = Page.Gap;
        _firstPage++;
        if (_firstPage * 2 > _pages.Count + 16)
        {
            _pages.RemoveRange(0, _firstPage);
            _firstPage = 0;
        }
    }

    private sealed class Page(long number)
    {
        public static readonly Page Gap = new(long.MinValue) { Slots = [] };

        public long Number { get; } = number;

        public BrokerMessage?[] Slots { get; private init; } = new BrokerMessage?[PageSize];

        public int Used { get; set; }
    }
}
