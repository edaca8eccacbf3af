namespace KedaJobs.ServiceBus.Entities;

/// <summary>
/// The deadlines of one entity, earliest first. A binary heap that knows each item's place, so that a settled message takes its deadline
/// along: with an hour's time-to-live, lazily deleted entries of settled messages would outnumber the live ones by far.
/// </summary>
internal sealed class DeadlineHeap
{
    private Deadline[] _items = new Deadline[16];
    private int _count;

    /// <summary>When the earliest deadline is due, or <see cref="DateTime.MaxValue"/>.</summary>
    public DateTime NextDue => _count == 0 ? DateTime.MaxValue : _items[0].Due;

    /// <summary>Adds, moves or (for <see cref="DateTime.MaxValue"/>) removes the deadline.</summary>
    public void Set(Deadline item, DateTime due)
    {
        if (due == DateTime.MaxValue)
        {
            Clear(item);
            return;
        }

        var previous = item.Due;
        item.Due = due;
        if (item.HeapIndex < 0)
        {
            if (_count == _items.Length)
            {
                Array.Resize(ref _items, _count * 2);
            }

            SiftUp(item, _count++);
        }
        else if (due < previous)
        {
            SiftUp(item, item.HeapIndex);
        }
        else
        {
            SiftDown(item, item.HeapIndex);
        }
    }

    /// <summary>Removes the deadline, if it is there.</summary>
    public void Clear(Deadline item)
    {
        var index = item.HeapIndex;
        if (index < 0)
        {
            return;
        }

        item.HeapIndex = -1;
        item.Due = DateTime.MaxValue;
        var last = _items[--_count];
        _items[_count] = null!;
        if (last == item)
        {
            return;
        }

        if (index > 0 && last.IsBefore(_items[(index - 1) / 2]))
        {
            SiftUp(last, index);
        }
        else
        {
            SiftDown(last, index);
        }
    }

    /// <summary>Takes the earliest deadline out, if it is due.</summary>
    public bool TryTake(DateTime now, out Deadline item)
    {
        if (_count == 0 || _items[0].Due > now)
        {
            item = null!;
            return false;
        }

        item = _items[0];
        Clear(item);
        return true;
    }

    private void SiftUp(Deadline item, int index)
    {
        while (index > 0)
        {
            var parent = (index - 1) / 2;
            if (!item.IsBefore(_items[parent]))
            {
                break;
            }

            Place(_items[parent], index);
            index = parent;
        }

        Place(item, index);
    }

    private void SiftDown(Deadline item, int index)
    {
        while (true)
        {
            var child = (2 * index) + 1;
            if (child >= _count)
            {
                break;
            }

            if (child + 1 < _count && _items[child + 1].IsBefore(_items[child]))
            {
                child++;
            }

            if (!_items[child].IsBefore(item))
            {
                break;
            }

            Place(_items[child], index);
            index = child;
        }

        Place(item, index);
    }

    private void Place(Deadline item, int index)
    {
        _items[index] = item;
        item.HeapIndex = index;
    }
}
