using System.Collections.Immutable;

namespace KedaJobs.Scaling.Executions;

/// <summary>
/// Notices the classic trap of queue-driven jobs: messages stay in the queue, so every poll starts executions in vain. Pure: each look at
/// the queue gives the next guard.
/// </summary>
/// <remarks>
/// <para>
/// What tells a trap from a busy queue is not the queue's length, which new messages keep up, but that the very same messages are still
/// there. So the guard is shown the oldest messages (peeked, without a lock). If one of them is gone, that
/// is progress, and the finding is cleared.
/// </para>
/// <para>
/// The cause is named only where there is evidence for it. An execution that is killed or fails leaves its messages locked for up to the
/// lock duration, and executions that start meanwhile find nothing through no fault of theirs: they do not count against the worker.
/// Source: microsoft/azure-container-apps #1234.
/// </para>
/// </remarks>
public sealed record RunawayGuard
{
    /// <summary>The default number of executions that may end without effect before it is a finding.</summary>
    public const int DefaultThreshold = 3;

    /// <summary>A guard that has seen nothing.</summary>
    public static RunawayGuard Initial { get; } = new();

    /// <summary>How many executions may end without effect. At least 1.</summary>
    public int Threshold { get; init; } = DefaultThreshold;

    /// <summary>Whether it knows of no message, so that the next look begins a new watch.</summary>
    public bool IsIdle => Messages.IsEmpty;

    private DateTimeOffset Since { get; init; }

    private ImmutableDictionary<long, QueuedMessage> Messages { get; init; } = ImmutableDictionary<long, QueuedMessage>.Empty;

    /// <summary>Takes a look at the queue into account.</summary>
    /// <param name="look">What is in the queue.</param>
    /// <param name="executions">The job's executions: the unfinished ones and its history.</param>
    /// <returns>The guard for the next look, and what it has found, if anything.</returns>
    public (RunawayGuard Guard, RunawayFinding? Finding) Observe(QueueLook look, IEnumerable<ExecutionState> executions)
    {
        ArgumentNullException.ThrowIfNull(look);
        ArgumentNullException.ThrowIfNull(executions);
        var seen = look.Oldest.ToDictionary(message => message.SequenceNumber);
        if (Messages.IsEmpty || !Messages.Keys.All(seen.ContainsKey))
        {
            return (this with { Since = look.At, Messages = seen.ToImmutableDictionary() }, null);
        }

        var all = executions.ToList();
        var ended = all.Where(execution => execution.Status.IsFinished() && execution.CreatedAt >= Since)
            .OrderBy(execution => execution.FinishedAt)
            .ToList();
        return (this, ended.Count < Threshold ? null : Find(look, seen, all, ended));
    }

    private RunawayFinding? Find(QueueLook look, Dictionary<long, QueuedMessage> seen, List<ExecutionState> all, List<ExecutionState> ended)
    {
        if (look.ForwardTo is { } target)
        {
            return Finding(
                RunawayCause.ForwardedAway, ended, $"The queue forwards its messages to '{target}', so no worker can receive from it.",
                $"Trigger the job by '{target}', or remove ForwardTo.");
        }

        if (look.IsReceiveDisabled)
        {
            return Finding(RunawayCause.ReceiveDisabled, ended, "The queue is disabled for receivers.", "Set its status to Active.");
        }

        if (Messages.Keys.All(number => seen[number].IsDeferred))
        {
            return Finding(RunawayCause.Deferred, ended,
                Messages.Count == 1
                    ? "It is deferred: it counts as active but is no longer delivered."
                    : "They are deferred: they count as active but are no longer delivered.",
                "Receive deferred messages by their sequence numbers and complete them, or schedule a new message instead of deferring.");
        }

        var failures = ended.Count(execution => AbruptEnds(execution).Any());
        if (failures < Threshold && LastAbruptEnd(all) is { } abrupt)
        {
            var until = abrupt.Attempt.FinishedAt!.Value + look.LockDuration;
            if (look.At < until)
            {
                return Finding(RunawayCause.Locked, ended,
                    $"{abrupt.Execution.Name} {HowItEnded(abrupt.Attempt)} at {Clock(abrupt.Attempt.FinishedAt.Value)} while it may "
                    + "have held them: "
                    + $"they stay locked until {Clock(until)} at the latest, and until then executions find nothing.",
                    "Nothing to fix in the other executions: the messages are delivered again when their locks expire.") with
                { Until = until };
            }

            // What started before the locks expired could not know better.
            ended.RemoveAll(execution => execution.CreatedAt < until && !AbruptEnds(execution).Any());
            if (ended.Count < Threshold)
            {
                return null;
            }
        }

        return all.Find(execution => !execution.Status.IsFinished() && execution.StartedAt < Since) is { } holder
            ? Finding(RunawayCause.Held, ended, $"{holder.Name} is still running and may hold all of them.",
                "Set MessageCount to the number of messages one execution takes at a time, "
                    + "or lower the worker's prefetch and concurrency to match it.")
            : WorkersFault(look, seen, ended);
    }

    private RunawayFinding WorkersFault(QueueLook look, Dictionary<long, QueuedMessage> seen, List<ExecutionState> ended)
    {
        var last = ended[^1];
        var isUntouched = look.At > Since + look.LockDuration
            && Messages.All(message => seen[message.Key].DeliveryCount == message.Value.DeliveryCount);
        return isUntouched && last.Status is ExecutionStatus.Succeeded
            ? Finding(RunawayCause.NotReceived, ended, "No execution has received any of them: their delivery counts have not changed.",
                "Check that the worker receives from the queue that triggers it, and that its budgets let it take a message.")
            : Finding(RunawayCause.NotCompleted, ended, $"The last execution, {last.Name}, {Outcome(last)}.", Cure(last));
    }

    private RunawayFinding Finding(RunawayCause cause, List<ExecutionState> ended, string evidence, string cure)
    {
        var messages = Messages.Count == 1 ? "the oldest message is" : $"the {Messages.Count} oldest messages are";
        var executions = ended.Count == 1 ? "1 execution has" : $"{ended.Count} executions have";
        return new(cause, ended.Count, Since,
            $"{executions} ended since {Clock(Since)}, but {messages} still in the queue, so every poll starts more executions. {evidence}",
            cure);
    }

    private static (ExecutionState Execution, ReplicaAttempt Attempt)? LastAbruptEnd(List<ExecutionState> executions)
    {
        var ends = executions.SelectMany(execution => AbruptEnds(execution).Select(attempt => (execution, attempt))).ToList();
        return ends.Count == 0 ? null : ends.MaxBy(end => end.attempt.FinishedAt);
    }

    /// <summary>
    /// Attempts that ran and ended otherwise than by exit code 0: what they had received is neither completed nor given back.
    /// </summary>
    private static IEnumerable<ReplicaAttempt> AbruptEnds(ExecutionState execution) =>
        execution.Replicas.SelectMany(replica => replica.Attempts)
            .Where(attempt => attempt is { ExitCode: not null and not 0, FinishedAt: not null });

    // 128 and the signal's number, as shells say it; a killed Windows process has -1.
    private static string HowItEnded(ReplicaAttempt attempt) =>
        attempt.ExitCode is > 128 or < 0 ? $"was killed (exit code {attempt.ExitCode})" : $"failed with exit code {attempt.ExitCode}";

    private static string Clock(DateTimeOffset time) => $"{time.UtcDateTime:HH:mm:ss} UTC";

    private static string Outcome(ExecutionState execution) => execution.Status switch
    {
        ExecutionStatus.Succeeded => "succeeded without completing any of them",
        ExecutionStatus.TimedOut => "timed out before it had completed any of them",
        ExecutionStatus.Stopped => "was stopped before it had completed any of them",
        _ => execution.ExitCode is { } code ? $"failed with exit code {code} before it had completed any of them" : "could not be started",
    };

    private static string Cure(ExecutionState execution) => execution.Status switch
    {
        ExecutionStatus.Succeeded => "Complete each message after its work is done.",
        ExecutionStatus.TimedOut =>
            "Raise ReplicaTimeout above the time the longest message takes, or split the work into smaller messages.",
        ExecutionStatus.Stopped => "Let executions end on their own. If you must stop one, pause scaling first.",
        _ => "Read the last execution's console log: the worker must get as far as completing or dead-lettering a message.",
    };
}
