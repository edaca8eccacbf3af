namespace KedaJobs.Scaling.Simulation;

/// <summary>What is due at a time of the simulation.</summary>
internal enum SimulatedEvent
{
    /// <summary>KEDA polls.</summary>
    Poll,

    /// <summary>A replica's image is there: its process starts.</summary>
    ReplicaStarts,

    /// <summary>A replica's process begins to receive.</summary>
    ReplicaReady,

    /// <summary>The work on a message is done.</summary>
    WorkDone,

    /// <summary>A lock ends that nobody renews.</summary>
    LockLapses,

    /// <summary>A failed message may be delivered again.</summary>
    RetryDue,

    /// <summary>A replica may have waited long enough.</summary>
    IdleCheck,

    /// <summary>A replica takes no more messages.</summary>
    TimeBudgetSpent,

    /// <summary>The life cycle's deadline of an execution.</summary>
    Deadline,

    /// <summary>A stopping replica gives back what it still holds.</summary>
    GraceOver,
}

/// <summary>One entry: what, to whom, and which version of it.</summary>
internal readonly record struct ScheduledEvent(long At, long Order, int Target, int Version)
{
    private const int KindBits = 4;

    public SimulatedEvent Kind => (SimulatedEvent)(Order & ((1 << KindBits) - 1));

    public static long OrderOf(long number, SimulatedEvent kind) => (number << KindBits) | (long)kind;
}

/// <summary>
/// Events by time; of the same time, in the order in which they were scheduled. A heap of four children, which suits the cache.
/// </summary>
internal sealed class EventHeap
{
    private ScheduledEvent[] _items = new ScheduledEvent[256];
    private long _number;

    public int Count { get; private set; }

    /// <summary>When the first event is due; the largest number if there is none.</summary>
    public long FirstAt => Count == 0 ? long.MaxValue : _items[0].At;

    public void Add(long at, SimulatedEvent kind, int target = 0, int version = 0)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, 2 * Count);
        }

        var item = new ScheduledEvent(at, ScheduledEvent.OrderOf(_number++, kind), target, version);
        var items = _items;
        var index = Count++;
        while (index > 0)
        {
            var parent = (index - 1) >> 2;
            if (!IsBefore(item, items[parent]))
            {
                break;
            }

            items[index] = items[parent];
            index = parent;
        }

        items[index] = item;
    }

    public ScheduledEvent Take()
    {
        var items = _items;
        var first = items[0];
        var last = items[--Count];
        var (index, child) = (0, 1);
        while (child < Count)
        {
            var best = child;
            var end = Math.Min(child + 4, Count);
            for (var other = child + 1; other < end; other++)
            {
                best = IsBefore(items[other], items[best]) ? other : best;
            }

            if (!IsBefore(items[best], last))
            {
                break;
            }

            items[index] = items[best];
            index = best;
            child = (4 * index) + 1;
        }

        items[index] = last;
        return first;
    }

    private static bool IsBefore(in ScheduledEvent one, in ScheduledEvent other) =>
        one.At < other.At || (one.At == other.At && one.Order < other.Order);
}
