namespace KedaJobs.ServiceBus.Entities;

/// <summary>Something that happens to an entity at a time: a lock lapses, a message expires or becomes due, a wait ends.</summary>
internal abstract class Deadline
{
    /// <summary>When; meaningful while the deadline is in a heap.</summary>
    internal DateTime Due { get; set; } = DateTime.MaxValue;

    /// <summary>Which of two deadlines at the same time comes first: the lower. Must not change while the deadline is in a heap.</summary>
    internal long Rank { get; set; }

    /// <summary>The place in the heap, or -1. Kept by <see cref="DeadlineHeap"/>.</summary>
    internal int HeapIndex { get; set; } = -1;

    internal bool IsBefore(Deadline other) => Due < other.Due || (Due == other.Due && Rank < other.Rank);

    /// <summary>The time after a duration; durations that lead past the end of time never come.</summary>
    internal static DateTime After(DateTime now, TimeSpan duration) =>
        duration >= DateTime.MaxValue - now ? DateTime.MaxValue : now + duration;
}
