using KedaJobs.Scaling.Executions;

namespace KedaJobs.Tests.Scaling.Executions;

public class RunawayGuardTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ExecutionSettings Settings = new() { ReplicaTimeout = TimeSpan.FromMinutes(1) };

    [Fact]
    public void SameMessagesAfterThreeExecutions_AreAFinding()
    {
        var (guard, first) = RunawayGuard.Initial.Observe(Noon, [7, 8], []);
        Assert.Null(first);
        Assert.Null(guard.Observe(Noon.AddMinutes(1), [7, 8, 9], Ended(2)).Finding);

        var finding = guard.Observe(Noon.AddMinutes(2), [7, 8, 9], Ended(3)).Finding!;

        Assert.Equal((3, Noon), (finding.Executions, finding.Since));
        Assert.Equal(
            "3 executions have ended since 12:00:00 UTC and the 2 oldest messages are still in the queue, so every poll starts more; "
            + "the last, worker-2, succeeded without completing any of them.",
            finding.Reason);
        Assert.StartsWith("Complete each message after its work", finding.Cure);
    }

    [Fact]
    public void OneMessageGone_IsProgress()
    {
        var (guard, _) = RunawayGuard.Initial.Observe(Noon, [7, 8], []);

        var (next, finding) = guard.Observe(Noon.AddMinutes(1), [8, 9], Ended(9));
        Assert.Null(finding);

        // What ended before the progress does not count against the messages that are left.
        Assert.Null(next.Observe(Noon.AddMinutes(2), [8, 9], Ended(9)).Finding);
    }

    [Fact]
    public void EmptyQueue_IsNeverAFinding()
    {
        var (guard, _) = RunawayGuard.Initial.Observe(Noon, [], []);

        Assert.Null(guard.Observe(Noon.AddMinutes(1), [], Ended(9)).Finding);
    }

    public static TheoryData<int, string, string> Outcomes => new()
    {
        { 3, "failed with exit code 3 before it had completed any of them", "Read the last execution's console log" },
        { -1, "timed out before it had completed any of them", "Raise ReplicaTimeout" },
        { -2, "was stopped before it had completed any of them", "Let an execution end by itself" },
        { -3, "could not be started", "Read the last execution's console log" },
    };

    [Theory]
    [MemberData(nameof(Outcomes))]
    public void Cure_FollowsFromHowTheLastExecutionEnded(int how, string reason, string cure)
    {
        var (guard, _) = (RunawayGuard.Initial with { Threshold = 1 }).Observe(Noon, [7], []);

        var finding = guard.Observe(Noon.AddMinutes(5), [7], [End("worker-0", Noon, how)]).Finding!;

        Assert.EndsWith($"the message it had is still in the queue, so every poll starts more; the last, worker-0, {reason}.", finding.Reason);
        Assert.StartsWith(cure, finding.Cure);
    }

    [Fact]
    public void ExecutionThatStillRuns_MayHoldTheMessages()
    {
        var running = Start("worker-long", Noon.AddMinutes(-1));
        var (guard, _) = RunawayGuard.Initial.Observe(Noon, [7], [running]);

        var finding = guard.Observe(Noon.AddMinutes(1), [7], [running, .. Ended(3)]).Finding!;

        Assert.EndsWith("worker-long still runs and may hold them all.", finding.Reason);
        Assert.StartsWith("Let MessageCount say", finding.Cure);
    }

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
            -3 => ExecutionLifeCycle.Apply(ExecutionLifeCycle.Create(name, Settings, at).State, new ReplicaStartFailed(end, 0, 1, "no")).State,
            _ => Exit(running, end, how),
        };
    }

    private static ExecutionState Exit(ExecutionState state, DateTimeOffset at, int exitCode = 143) =>
        ExecutionLifeCycle.Apply(state, new ReplicaExited(at, 0, 1, exitCode)).State;
}
