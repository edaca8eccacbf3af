using System.Collections.Immutable;

namespace KedaJobs.Scaling.Executions;

/// <summary>What the guard has found: executions end, and the messages they were started for stay.</summary>
/// <param name="Executions">How many have ended without any of the messages going.</param>
/// <param name="Since">Since when the messages have been there.</param>
/// <param name="Reason">What is going on, in one sentence.</param>
/// <param name="Cure">What to change, in one sentence.</param>
public sealed record RunawayFinding(int Executions, DateTimeOffset Since, string Reason, string Cure);

/// <summary>
/// Notices the classic trap of queue-driven jobs: messages are never completed, so every poll starts executions for ever. Pure: each
/// observation gives the next guard.
/// </summary>
/// <remarks>
/// What tells a trap from a busy queue is not the queue's length, which new messages keep up, but that the very same messages are still
/// there. So the guard is shown the sequence numbers of the oldest active messages (peeked, without a lock).
/// </remarks>
public sealed record RunawayGuard
{
    /// <summary>How many executions may end without effect before it is a finding, where nothing else is said.</summary>
    public const int DefaultThreshold = 3;

    /// <summary>A guard that has seen nothing.</summary>
    public static RunawayGuard Initial { get; } = new();

    /// <summary>How many executions may end without effect. At least 1.</summary>
    public int Threshold { get; init; } = DefaultThreshold;

    private DateTimeOffset Since { get; init; }

    private ImmutableHashSet<long> Messages { get; init; } = [];

    /// <summary>Takes a look at the queue into account.</summary>
    /// <param name="at">When the queue was looked at.</param>
    /// <param name="oldestMessages">
    /// Sequence numbers of the oldest active messages, locked ones included; some dozens are enough. An unsuccessful look is not to be passed on
    /// as an empty one.
    /// </param>
    /// <param name="executions">The job's executions: the unfinished ones and its history.</param>
    /// <returns>The guard for the next look, and what it has found, if anything.</returns>
    public (RunawayGuard Guard, RunawayFinding? Finding) Observe(
        DateTimeOffset at, IReadOnlyCollection<long> oldestMessages, IEnumerable<ExecutionState> executions)
    {
        ArgumentNullException.ThrowIfNull(oldestMessages);
        ArgumentNullException.ThrowIfNull(executions);
        if (Messages.Count == 0 || !Messages.IsSubsetOf(oldestMessages))
        {
            return (this with { Since = at, Messages = [.. oldestMessages] }, null);
        }

        var all = executions.ToList();
        var ended = all.Where(execution => execution.Status.IsFinished() && execution.CreatedAt >= Since).ToList();
        return (this, ended.Count >= Threshold ? Describe(ended, all.Find(execution => !execution.Status.IsFinished() && execution.StartedAt <= Since)) : null);
    }

    private RunawayFinding Describe(List<ExecutionState> ended, ExecutionState? holder)
    {
        var last = ended.MaxBy(execution => execution.FinishedAt)!;
        var messages = Messages.Count == 1 ? "the message it had is" : $"the {Messages.Count} oldest messages are";
        var reason = $"{ended.Count} executions have ended since {Since.UtcDateTime:HH:mm:ss} UTC and {messages} still in the queue, so every poll starts more";
        return holder is null
            ? new(ended.Count, Since, $"{reason}; the last, {last.Name}, {Outcome(last)}.", Cure(last))
            : new(ended.Count, Since, $"{reason}; {holder.Name} still runs and may hold them all.",
                "Let MessageCount say how many messages one execution really takes at once, or lower the worker's prefetch and concurrency to it.");
    }

    private static string Outcome(ExecutionState execution) => execution.Status switch
    {
        ExecutionStatus.Succeeded => "succeeded without completing any of them",
        ExecutionStatus.TimedOut => "timed out before it had completed any of them",
        ExecutionStatus.Stopped => "was stopped before it had completed any of them",
        _ => execution.ExitCode is { } code ? $"failed with exit code {code} before it had completed any of them" : "could not be started",
    };

    private static string Cure(ExecutionState execution) => execution.Status switch
    {
        ExecutionStatus.Succeeded =>
            "Complete each message after its work, and check that the worker receives from the queue that triggers it and that its budgets let it take a message.",
        ExecutionStatus.TimedOut =>
            "Raise ReplicaTimeout above the longest message's work, or make the work of one message shorter.",
        ExecutionStatus.Stopped =>
            "Let an execution end by itself; pause scaling first if it must be stopped.",
        _ => "Read the last execution's console log: it must get as far as completing or dead-lettering a message.",
    };
}
