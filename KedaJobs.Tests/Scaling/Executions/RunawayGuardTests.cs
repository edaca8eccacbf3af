using KedaJobs.Scaling.Executions;

namespace KedaJobs.Tests.Scaling.Executions;

public class RunawayGuardTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ExecutionSettings Settings = new() { ReplicaTimeout = TimeSpan.FromMinutes(1) };

    [Fact]
    public void Same_messages_after_three_executions_are_a_finding()
    {
        var (guard, first) = RunawayGuard.Initial.Observe(Look(0, 7, 8), []);
        Assert.Null(first);
        Assert.Null(guard.Observe(Look(1, 7, 8, 9), Ended(2)).Finding);

        var finding = guard.Observe(Look(1, 7, 8, 9), Ended(3)).Finding!;

        Assert.Equal((RunawayCause.NotCompleted, 3, Noon), (finding.Cause, finding.Executions, finding.Since));
        Assert.Equal(
            "3 executions have ended since 12:00:00 UTC, but the 2 oldest messages are still in the queue, "
            + "so every poll starts more executions. "
            + "The last execution, worker-2, succeeded without completing any of them.",
            finding.Reason);
        Assert.Equal("Complete each message after its work is done.", finding.Cure);
    }

    [Fact]
    public void One_message_gone_is_progress()
    {
        var (guard, _) = RunawayGuard.Initial.Observe(Look(0, 7, 8), []);

        var (next, finding) = guard.Observe(Look(1, 8, 9), Ended(9));
        Assert.Null(finding);

        // What ended before the progress does not count against the messages that are left.
        Assert.Null(next.Observe(Look(2, 8, 9), Ended(9)).Finding);
    }

    [Fact]
    public void Empty_queue_is_never_a_finding()
    {
        var (guard, _) = RunawayGuard.Initial.Observe(Look(0), []);

        Assert.Null(guard.Observe(Look(1), Ended(9)).Finding);
    }

    public static TheoryData<int, string, string> Outcomes => new()
    {
        { 3, "failed with exit code 3 before it had completed any of them", "Read the last execution's console log" },
        { -1, "timed out before it had completed any of them", "Raise ReplicaTimeout" },
        { -2, "was stopped before it had completed any of them", "Let executions end on their own" },
        { -3, "could not be started", "Read the last execution's console log" },
    };

    [Theory]
    [MemberData(nameof(Outcomes))]
    public void Cure_follows_from_how_the_last_execution_ended(int how, string reason, string cure)
    {
        var (guard, _) = (RunawayGuard.Initial with { Threshold = 1 }).Observe(Look(0, 7), []);

        var finding = guard.Observe(Look(5, 7), [End("worker-0", Noon, how)]).Finding!;

        Assert.EndsWith("1 execution has ended since 12:00:00 UTC, but the oldest message is still in the queue, "
            + "so every poll starts more executions. "
            + $"The last execution, worker-0, {reason}.", finding.Reason);
        Assert.StartsWith(cure, finding.Cure);
    }

    [Fact]
    public void Execution_that_still_runs_may_hold_the_messages()
    {
        var running = Start("worker-long", Noon.AddMinutes(-1));
        var (guard, _) = RunawayGuard.Initial.Observe(Look(0, 7), [running]);

        var finding = guard.Observe(Look(1, 7), [running, .. Ended(3)]).Finding!;

        Assert.Equal(RunawayCause.Held, finding.Cause);
        Assert.EndsWith("worker-long is still running and may hold all of them.", finding.Reason);
        Assert.StartsWith("Set MessageCount to the number", finding.Cure);
    }

    [Fact]
    public void Deferred_messages_are_named_when_nothing_else_is_there()
    {
        var deferred = new QueueLook(Noon, [new(7, 1, IsDeferred: true)]);
        var (guard, _) = RunawayGuard.Initial.Observe(deferred, []);

        var finding = guard.Observe(deferred with { At = Noon.AddSeconds(30) }, Ended(3)).Finding!;

        Assert.Equal(RunawayCause.Deferred, finding.Cause);
        Assert.EndsWith("It is deferred: it counts as active but is no longer delivered.", finding.Reason);
    }

    [Fact]
    public void Entity_that_nobody_can_receive_from_is_named()
    {
        var (guard, _) = RunawayGuard.Initial.Observe(Look(0, 7), []);

        var forwarded = guard.Observe(Look(1, 7) with { ForwardTo = "archive" }, Ended(3)).Finding!;
        var disabled = guard.Observe(Look(1, 7) with { IsReceiveDisabled = true }, Ended(3)).Finding!;

        Assert.Equal((RunawayCause.ForwardedAway, RunawayCause.ReceiveDisabled), (forwarded.Cause, disabled.Cause));
        Assert.Contains("'archive'", forwarded.Reason);
        Assert.EndsWith("The queue is disabled for receivers.", disabled.Reason);
    }

    [Theory]
    [InlineData(137, "was killed (exit code 137)")]
    [InlineData(1, "failed with exit code 1")]
    public void Killed_execution_leaves_locks_and_nobody_else_is_to_blame_until_they_expire(int exitCode, string how)
    {
        var (guard, _) = RunawayGuard.Initial.Observe(Look(0, 7), []);
        var killed = End("worker-killed", Noon, exitCode); // ended 5 s past noon
        var inVain = Ended(3).ToList();

        var finding = guard.Observe(new(Noon.AddSeconds(30), [new(7)]), [killed, .. inVain]).Finding!;

        Assert.Equal((RunawayCause.Locked, Noon.AddSeconds(65)), (finding.Cause, finding.Until));
        Assert.Contains(
            $"worker-killed {how} at 12:00:05 UTC while it may have held them: they stay locked until 12:01:05 UTC at the latest",
            finding.Reason);

        // The locks have expired, and nobody has had a chance since then.
        Assert.Null(guard.Observe(new(Noon.AddSeconds(70), [new(7, 1)]), [killed, .. inVain]).Finding);
        // Now the message is delivered, and still nobody completes it.
        var later = Enumerable.Range(0, 3).Select(number => End($"later-{number}", Noon.AddSeconds(66), 0));
        Assert.Equal(
            RunawayCause.NotCompleted, guard.Observe(new(Noon.AddSeconds(80), [new(7, 2)]), [killed, .. inVain, .. later]).Finding?.Cause);
    }

    [Fact]
    public void Attempt_that_was_killed_within_an_execution_leaves_locks_too()
    {
        var (guard, _) = RunawayGuard.Initial.Observe(Look(0, 7), []);
        var retried = ExecutionLifeCycle.Create("worker-retried", Settings with { ReplicaRetryLimit = 1 }, Noon).State;
        foreach (var happened in (ExecutionEvent[])
            [
                new ReplicaStarted(Noon, 0, 1), new ReplicaExited(Noon.AddSeconds(5), 0, 1, 137),
                new ReplicaStarted(Noon.AddSeconds(5), 0, 2), new ReplicaExited(Noon.AddSeconds(8), 0, 2, 0),
            ])
        {
            retried = ExecutionLifeCycle.Apply(retried, happened).State;
        }

        var finding = guard.Observe(new(Noon.AddSeconds(30), [new(7)]), [retried, .. Ended(2)]).Finding!;

        Assert.Equal((RunawayCause.Locked, Noon.AddSeconds(65)), (finding.Cause, finding.Until));
    }

    [Fact]
    public void Executions_that_keep_crashing_are_not_taken_for_locks()
    {
        var (guard, _) = RunawayGuard.Initial.Observe(Look(0, 7), []);
        var crashes = Enumerable.Range(0, 3).Select(number => End($"worker-{number}", Noon.AddSeconds(number), 139));

        var finding = guard.Observe(new(Noon.AddSeconds(20), [new(7)]), crashes).Finding!;

        Assert.Equal(RunawayCause.NotCompleted, finding.Cause);
        Assert.EndsWith("worker-2, failed with exit code 139 before it had completed any of them.", finding.Reason);
    }

    [Fact]
    public void Unchanged_delivery_counts_mean_that_nobody_receives()
    {
        var (guard, _) = RunawayGuard.Initial.Observe(Look(0, 7), []);

        var finding = guard.Observe(Look(2, 7), Ended(3)).Finding!;

        Assert.Equal(RunawayCause.NotReceived, finding.Cause);
        Assert.StartsWith("Check that the worker receives from the queue", finding.Cure);
    }

    private static QueueLook Look(int minutes, params long[] messages) =>
        new(Noon.AddMinutes(minutes), [.. messages.Select(number => new QueuedMessage(number))]);

    private static IEnumerable<ExecutionState> Ended(int count) =>
        Enumerable.Range(0, count).Select(index => End($"worker-{index}", Noon.AddSeconds(index), 0));

    private static ExecutionState Start(string name, DateTimeOffset at) =>
        ExecutionLifeCycle.Apply(ExecutionLifeCycle.Create(name, Settings, at).State, new ReplicaStarted(at, 0, 1)).State;

    private static ExecutionState End(string name, DateTimeOffset at, int how)
    {
        var running = Start(name, at);
        var end = at.AddSeconds(5);
        return how switch
        {
            -1 => Exit(ExecutionLifeCycle.Apply(running, new DeadlineReached(at.AddMinutes(2))).State, at.AddMinutes(2)),
            -2 => Exit(ExecutionLifeCycle.Apply(running, new StopRequested(end, "stop")).State, end),
            -3 => ExecutionLifeCycle.Apply(
                ExecutionLifeCycle.Create(name, Settings, at).State, new ReplicaStartFailed(end, 0, 1, "no")).State,
            _ => Exit(running, end, how),
        };
    }

    private static ExecutionState Exit(ExecutionState state, DateTimeOffset at, int exitCode = 143) =>
        ExecutionLifeCycle.Apply(state, new ReplicaExited(at, 0, 1, exitCode)).State;
}
