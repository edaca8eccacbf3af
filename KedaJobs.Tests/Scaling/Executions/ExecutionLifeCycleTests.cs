using KedaJobs.Scaling.Executions;

namespace KedaJobs.Tests.Scaling.Executions;

public class ExecutionLifeCycleTests
{
    private static readonly ExecutionSettings One = new() { ReplicaTimeout = TimeSpan.FromMinutes(10) };

    [Fact]
    public void One_replica_starts_runs_and_succeeds()
    {
        var run = new ExecutionRun(One);
        Assert.Equal(ExecutionStatus.Starting, run.State.Status);

        run.Pass(TimeSpan.FromSeconds(1)).Started(0);
        Assert.Equal(ExecutionStatus.Running, run.State.Status);

        run.Pass(TimeSpan.FromSeconds(4)).Exited(0, 0);
        Assert.Equal(
            (ExecutionStatus.Succeeded, 0, 1, null, null),
            (run.State.Status, run.State.ExitCode, run.State.Attempt, run.State.Reason, run.State.Deadline));
        Assert.Equal(
            (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)),
            (run.State.StartedAt - run.State.CreatedAt, run.State.FinishedAt - run.State.CreatedAt));
        Assert.Equal(["start 0.1"], run.Effects);
    }

    [Fact]
    public void Replica_that_fails_is_started_again_up_to_the_retry_limit()
    {
        var run = new ExecutionRun(One with { ReplicaRetryLimit = 2 });

        run.Started(0).Exited(0, 1).Started(0, 2).StartFailed(0, 2).Exited(0, 5, 2);
        Assert.Equal(ExecutionStatus.Running, run.State.Status);

        run.Started(0, 3).Exited(0, 7, 3);
        Assert.Equal(
            (ExecutionStatus.Failed, 7, 3, "Replica 0 exited with code 7 (attempt 3)"),
            (run.State.Status, run.State.ExitCode, run.State.Attempt, run.State.Reason));
        Assert.Equal(["start 0.1", "start 0.2", "start 0.3"], run.Effects);
    }

    [Fact]
    public void Retry_that_succeeds_is_success()
    {
        var run = new ExecutionRun(One with { ReplicaRetryLimit = 1 });

        run.Started(0).Exited(0, 1).Started(0, 2).Exited(0, 0, 2);

        Assert.Equal((ExecutionStatus.Succeeded, 0, 2), (run.State.Status, run.State.ExitCode, run.State.Attempt));
        Assert.Equal([1, 0], run.State.Replicas[0].Attempts.Select(attempt => attempt.ExitCode!.Value));
    }

    [Fact]
    public void Replica_that_cannot_start_fails_the_execution_without_an_exit_code()
    {
        var run = new ExecutionRun(One).StartFailed(0);

        Assert.Equal(
            (ExecutionStatus.Failed, null, null, "Replica 0 could not be started: no such file"),
            (run.State.Status, run.State.ExitCode, run.State.StartedAt, run.State.Reason));
    }

    [Fact]
    public void Parallelism_succeeds_when_enough_replicas_exit_zero_and_stops_the_rest()
    {
        var run = new ExecutionRun(One with { Parallelism = 3, ReplicaCompletionCount = 2 }).Started(0).Started(1).Started(2);

        run.Exited(1, 0).Exited(0, 0);
        Assert.Equal((ExecutionStatus.Running, ExecutionStatus.Succeeded), (run.State.Status, run.State.Ending));

        run.Exited(2, 143);
        Assert.Equal((ExecutionStatus.Succeeded, 0), (run.State.Status, run.State.ExitCode));
        Assert.Equal(["start 0.1", "start 1.1", "start 2.1", "terminate 2.1"], run.Effects);
    }

    [Fact]
    public void Parallelism_fails_only_when_the_count_is_out_of_reach()
    {
        var run = new ExecutionRun(One with { Parallelism = 3, ReplicaCompletionCount = 2 }).Started(0).Started(1).Started(2);

        run.Exited(0, 1);
        Assert.Null(run.State.Ending);

        run.Exited(1, 2).Exited(2, 143);
        Assert.Equal((ExecutionStatus.Failed, "Replica 1 exited with code 2"), (run.State.Status, run.State.Reason));
        Assert.Equal("terminate 2.1", run.Effects[^1]);
    }

    [Fact]
    public void Completion_count_above_parallelism_starts_further_replicas()
    {
        var run = new ExecutionRun(One with { Parallelism = 2, ReplicaCompletionCount = 3 }).Started(0).Started(1);

        run.Exited(0, 0).Exited(1, 0);
        Assert.Equal(["start 0.1", "start 1.1", "start 2.1"], run.Effects);

        run.Started(2).Exited(2, 0);
        Assert.Equal(ExecutionStatus.Succeeded, run.State.Status);
    }

    [Fact]
    public void Timeout_terminates_then_kills_then_is_timed_out()
    {
        var run = new ExecutionRun(One).Pass(TimeSpan.FromSeconds(2)).Started(0);

        run.Pass(TimeSpan.FromSeconds(597.9));
        Assert.Equal(["start 0.1"], run.Effects);

        run.Pass(TimeSpan.FromSeconds(0.1));
        Assert.Equal(["start 0.1", "terminate 0.1"], run.Effects);
        Assert.Equal(ExecutionStatus.Running, run.State.Status);

        run.Pass(TimeSpan.FromSeconds(30));
        Assert.Equal("kill 0.1", run.Effects[^1]);

        run.Exited(0, 137).Pass(TimeSpan.FromHours(1));
        Assert.Equal(
            (ExecutionStatus.TimedOut, "Timed out", 137, "Timed out: it ran longer than its replica timeout of 600 s"),
            (run.State.Status, run.State.Status.InPlainWords(), run.State.ExitCode, run.State.Reason));
        Assert.Equal(3, run.Effects.Count);
    }

    [Fact]
    public void Timeout_is_a_failure_even_if_the_replica_exits_zero_after_the_signal()
    {
        var run = new ExecutionRun(One with { ReplicaRetryLimit = 3 }).Started(0).Pass(TimeSpan.FromMinutes(10)).Exited(0, 0);

        Assert.Equal((ExecutionStatus.TimedOut, 0), (run.State.Status, run.State.ExitCode));
        Assert.Equal(["start 0.1", "terminate 0.1"], run.Effects);
    }

    [Fact]
    public void Timeout_counts_from_creation_over_all_attempts()
    {
        var run = new ExecutionRun(One with { ReplicaRetryLimit = 1 });

        run.Started(0).Pass(TimeSpan.FromMinutes(9)).Exited(0, 1).Started(0, 2).Pass(TimeSpan.FromMinutes(1));

        Assert.Equal("terminate 0.2", run.Effects[^1]);
    }

    [Fact]
    public void Stop_terminates_and_never_retries()
    {
        var run = new ExecutionRun(One with { ReplicaRetryLimit = 3 }).Started(0).Stop().Stop().Exited(0, 143);

        Assert.Equal(
            (ExecutionStatus.Stopped, 143, "Stopped on request"), (run.State.Status, run.State.ExitCode, run.State.Reason));
        Assert.Equal(["start 0.1", "terminate 0.1"], run.Effects);
    }

    [Fact]
    public void Stop_before_the_replica_runs_reaches_it_when_it_does()
    {
        var run = new ExecutionRun(One).Stop().Started(0);
        Assert.Equal(["start 0.1", "terminate 0.1", "terminate 0.1"], run.Effects);

        Assert.Equal(ExecutionStatus.Stopped, run.Exited(0, 0).State.Status);
    }

    [Fact]
    public void Stop_before_the_replica_runs_kills_it_if_it_runs_after_the_grace_period()
    {
        var run = new ExecutionRun(One).Stop().Pass(TimeSpan.FromSeconds(30)).Started(0);

        Assert.Equal(["start 0.1", "terminate 0.1", "kill 0.1", "kill 0.1"], run.Effects);
    }

    [Fact]
    public void Stop_while_timing_out_stays_timed_out()
    {
        var run = new ExecutionRun(One).Started(0).Pass(TimeSpan.FromMinutes(10)).Stop().Exited(0, 143);

        Assert.Equal(ExecutionStatus.TimedOut, run.State.Status);
    }

    [Fact]
    public void Events_of_earlier_attempts_unknown_replicas_and_after_the_end_change_nothing()
    {
        var run = new ExecutionRun(One with { ReplicaRetryLimit = 1 }).Started(0).Exited(0, 1);
        var before = run.State;

        run.Exited(0, 0, 1).Started(0, 1).Exited(1, 0).Exited(-1, 0).Apply(new DeadlineReached(run.Time.GetUtcNow()));
        Assert.Same(before, run.State);

        run.Started(0, 2).Exited(0, 0, 2);
        var ended = run.State;
        run.Stop().Exited(0, 9, 2).Started(0, 2).Apply(new DeadlineReached(DateTimeOffset.MaxValue));
        Assert.Same(ended, run.State);
    }

    public static TheoryData<string, ExecutionSettings> WrongSettings => new()
    {
        { "Parallelism", One with { Parallelism = 0 } },
        { "ReplicaCompletionCount", One with { ReplicaCompletionCount = 0 } },
        { "ReplicaRetryLimit", One with { ReplicaRetryLimit = -1 } },
        { "ReplicaTimeout", One with { ReplicaTimeout = TimeSpan.Zero } },
        { "GracePeriod", One with { GracePeriod = TimeSpan.FromSeconds(-1) } },
    };

    [Theory]
    [MemberData(nameof(WrongSettings))]
    public void Wrong_settings_are_refused(string name, ExecutionSettings settings)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => ExecutionLifeCycle.Create("worker-abc1234", settings, DateTimeOffset.UnixEpoch));

        Assert.Equal(name, error.ParamName);
    }

    [Fact]
    public void Runner_that_fails_ends_the_execution_at_once()
    {
        var state = ExecutionLifeCycle.Create("worker-1", One with { ReplicaRetryLimit = 3 }, DateTimeOffset.UnixEpoch).State;
        var at = DateTimeOffset.UnixEpoch.AddSeconds(3);

        var step = ExecutionLifeCycle.Apply(
            ExecutionLifeCycle.Apply(state, new ReplicaStarted(at, 0, 1)).State, new RunnerFailed(at, "out of descriptors"));

        Assert.Empty(step.Effects);
        Assert.Equal(
            (ExecutionStatus.Failed, "out of descriptors", at, null, null),
            (step.State.Status, step.State.Reason, step.State.FinishedAt, step.State.Deadline, step.State.ExitCode));
        Assert.Empty(step.State.ActiveReplicas);
    }
}
