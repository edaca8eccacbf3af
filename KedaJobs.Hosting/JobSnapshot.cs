using System.Collections.Immutable;
using KedaJobs.Scaling.Executions;

namespace KedaJobs.Hosting;

/// <summary>One trigger of a job at the last poll.</summary>
/// <param name="Name">What is polled: a queue, a subscription as <c>topic/Subscriptions/name</c>, or a cron rule by its name.</param>
/// <param name="Length">Its active messages, or the executions that a cron rule wants now; null when they could not be read.</param>
/// <param name="DeadLetters">Messages in its dead-letter queue; null when they could not be read, or when there is no such queue.</param>
public sealed record TriggerSnapshot(string Name, long? Length, long? DeadLetters);

/// <summary>A snapshot of a job on this machine. Immutable.</summary>
public sealed record JobSnapshot
{
    /// <summary>The job's status.</summary>
    public JobStatus Status { get; init; }

    /// <summary>
    /// Active messages of all queues and subscriptions at the last poll; null before the first one and when a trigger could not be read.
    /// </summary>
    public long? QueueLength { get; init; }

    /// <summary>Messages in the triggers' dead-letter queues at the last poll; null as for <see cref="QueueLength"/>.</summary>
    public long? DeadLetters { get; init; }

    /// <summary>The triggers at the last poll, in the order of their declaration; empty before the first poll.</summary>
    public ImmutableArray<TriggerSnapshot> Triggers { get; init; } = [];

    /// <summary>The number of polls so far, including failed ones.</summary>
    public long Polls { get; init; }

    /// <summary>When the last poll began; null before the first poll.</summary>
    public DateTimeOffset? LastPoll { get; init; }

    /// <summary>How many executions the last poll started.</summary>
    public long LastStart { get; init; }

    /// <summary>Why the last poll started that many, in a sentence; empty before the first poll.</summary>
    public string LastReason { get; init; } = "";

    /// <summary>
    /// What keeps the job from working (queue not readable, worker not built, ...) and what to do; null if there is no problem.
    /// </summary>
    public string? Problem { get; init; }

    /// <summary>
    /// Set while executions end but the same messages stay in the queue, so that polls keep starting executions in vain. It names the
    /// cause, as far as there is evidence for it, and the fix, and is cleared when a message leaves the queue.
    /// </summary>
    public RunawayFinding? Runaway { get; init; }

    /// <summary>When the schedule starts the next execution, in UTC; null for a job without a schedule.</summary>
    public DateTimeOffset? NextScheduledTime { get; init; }

    /// <summary>Whether scaling (or the schedule) is paused, so that no executions are started.</summary>
    public bool IsPaused { get; init; }

    /// <summary>
    /// Executions in the order of their creation: all that have not ended, and the last 100 that have (as many as Container Apps keeps).
    /// </summary>
    public ImmutableArray<JobExecution> Executions { get; init; } = [];

    /// <summary>Executions that have ended since the AppHost started, including those no longer in <see cref="Executions"/>.</summary>
    public long FinishedExecutions { get; init; }

    /// <summary>The number of executions that have not ended and, of these, the ones in which no replica has started yet.</summary>
    public ExecutionCounts Counts => ExecutionCounts.Of(Executions.Select(execution => execution.State));
}
