using System.Collections.Immutable;
using KedaJobs.Scaling.Executions;

namespace KedaJobs.Hosting;

/// <summary>An event job on this machine as it stood at one moment. Immutable.</summary>
public sealed record EventJobSnapshot
{
    /// <summary>Active messages of the queue at the last poll; null before the first and while the count cannot be read.</summary>
    public long? QueueLength { get; init; }

    /// <summary>Messages in the queue's dead-letter queue at the last poll; null as for <see cref="QueueLength"/>.</summary>
    public long? DeadLetters { get; init; }

    /// <summary>When the queue was last polled; null before the first poll.</summary>
    public DateTimeOffset? LastPoll { get; init; }

    /// <summary>How many executions the last poll started.</summary>
    public long LastStart { get; init; }

    /// <summary>Why the last poll started that many, in a sentence; empty before the first poll.</summary>
    public string LastReason { get; init; } = "";

    /// <summary>What keeps the job from working (queue not readable, worker not built, ...) and what to do; null when nothing does.</summary>
    public string? Problem { get; init; }

    /// <summary>
    /// Set while executions end and the same messages stay in the queue, so that polls go on starting executions in vain: what is seen and what
    /// to do about it.
    /// </summary>
    public string? Runaway { get; init; }

    /// <summary>Whether polls start nothing because scaling is paused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>
    /// Executions in the order of their creation: all that have not ended, and the last 100 that have (Container Apps keeps as many).
    /// </summary>
    public ImmutableArray<JobExecution> Executions { get; init; } = [];

    /// <summary>Executions that have ended since the AppHost started, also those that have left <see cref="Executions"/>.</summary>
    public long FinishedExecutions { get; init; }

    /// <summary>Executions that have not ended, and of these the ones none of whose replicas has started.</summary>
    public ExecutionCounts Counts => ExecutionCounts.Of(Executions.Select(execution => execution.State));
}
