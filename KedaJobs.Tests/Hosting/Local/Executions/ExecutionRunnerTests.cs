using KedaJobs.Hosting.Local.Executions;
using KedaJobs.Hosting.Local.Processes;
using KedaJobs.Scaling.Executions;
using KedaJobs.Tests.Hosting.Local.Fakes;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.Hosting.Local.Executions;

public class ExecutionRunnerTests
{
    private static readonly ReplicaStart AnyStart = new("worker", [], "/", new Dictionary<string, string>());

    private readonly FakeTimeProvider _time = new(new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly FakeStarter _starter = new();
    private readonly ListLogger _log = new();
    private readonly List<(ExecutionStatus Status, int[] ProcessIds)> _changes = [];

    [Fact]
    public async Task Exit_zero_succeeds()
    {
        await using var runner = Run();
        Assert.Equal([(ExecutionStatus.Running, "1")], Changes);
        _time.Advance(TimeSpan.FromSeconds(3));

        _starter.Replicas[0].Write("out");
        _starter.Replicas[0].Write("err", isError: true);
        _starter.Replicas[0].End(0);

        var ended = await EndOf(runner);
        Assert.Equal(ExecutionStatus.Succeeded, ended.Status);
        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(TimeSpan.FromSeconds(3), ended.FinishedAt - ended.CreatedAt);
        Assert.Equal([(ExecutionStatus.Running, "1"), (ExecutionStatus.Succeeded, "")], Changes);
        Assert.Equal(
            [
                "Information: Execution worker-abc1234, attempt 1: process 1 started.",
                "Information: out",
                "Error: err",
                "Information: Execution worker-abc1234, attempt 1: exit code 0.",
            ],
            _log.Lines);
    }

    [Fact]
    public async Task Failure_is_retried_up_to_the_limit()
    {
        await using var runner = Run(retries: 1);
        _starter.Replicas[0].End(3);
        await Eventually.SucceedsAsync("the retry", () => Assert.Equal(2, _starter.Replicas.Count));
        _starter.Replicas[1].End(4);

        var ended = await EndOf(runner);

        Assert.Equal(ExecutionStatus.Failed, ended.Status);
        Assert.Equal(4, ended.ExitCode);
        Assert.Equal(2, ended.Attempt);
        Assert.Equal(2, _starter.Replicas.Count);
    }

    [Fact]
    public async Task Timeout_terminates_then_kills()
    {
        await using var runner = Run();

        _time.Advance(TimeSpan.FromSeconds(60));
        await Eventually.SucceedsAsync("SIGTERM at the timeout", () => Assert.Equal(1, _starter.Replicas[0].Terminations));
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(_starter.Replicas[0].IsKilled);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.SucceedsAsync("SIGKILL after the grace period", () => Assert.True(_starter.Replicas[0].IsKilled));

        var ended = await EndOf(runner);
        Assert.Equal(ExecutionStatus.TimedOut, ended.Status);
        Assert.Equal(137, ended.ExitCode);
        Assert.Contains(_log.Lines, line => line.Contains("ends: Timed out", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Retry_long_after_the_first_still_ends_at_the_timeout_from_creation()
    {
        await using var runner = Run(retries: 5);
        _time.Advance(TimeSpan.FromSeconds(50));
        _starter.Replicas[0].End(1);
        await Eventually.SucceedsAsync("the retry", () => Assert.Equal(2, _starter.Replicas.Count));

        _time.Advance(TimeSpan.FromSeconds(10));

        await Eventually.SucceedsAsync("SIGTERM 60 s after creation", () => Assert.Equal(1, _starter.Replicas[1].Terminations));
        _starter.Replicas[1].End(0);
        Assert.Equal(ExecutionStatus.TimedOut, (await EndOf(runner)).Status);
    }

    [Fact]
    public async Task Stop_terminates_and_is_not_retried()
    {
        await using var runner = Run(retries: 3);

        runner.Stop("Stopped on request");
        await Eventually.SucceedsAsync("SIGTERM", () => Assert.Equal(1, _starter.Replicas[0].Terminations));
        _starter.Replicas[0].End(143);

        var ended = await EndOf(runner);
        Assert.Equal(ExecutionStatus.Stopped, ended.Status);
        Assert.Equal("Stopped on request", ended.Reason);
        Assert.Single(_starter.Replicas);
    }

    [Fact]
    public async Task Kill_ends_all_replicas_at_once()
    {
        await using var runner = Run(parallelism: 2);
        runner.Stop("Stopped on request");

        runner.Kill();

        Assert.Equal(ExecutionStatus.Stopped, (await EndOf(runner)).Status);
        Assert.All(_starter.Replicas, replica => Assert.True(replica.IsKilled));
    }

    [Fact]
    public async Task Parallel_replicas_are_told_apart_in_the_log()
    {
        await using var runner = Run(parallelism: 2);

        _starter.Replicas[1].Write("hello");

        Assert.Contains("Information: [2] hello", _log.Lines);
        Assert.Equal("1,2", Changes[^1].ProcessIds);
        _starter.Replicas[0].End(0);
        Assert.Equal(ExecutionStatus.Succeeded, (await EndSoonAsync(runner)).Status);
    }

    [Fact]
    public async Task Worker_that_cannot_be_started_fails_the_execution()
    {
        _starter.Failure = "no such file";
        await using var runner = Run();

        var ended = await EndOf(runner);

        Assert.Equal(ExecutionStatus.Failed, ended.Status);
        Assert.Null(ended.ExitCode);
        Assert.Contains("Error: Execution worker-abc1234: the worker could not be started: no such file", _log.Lines);
    }

    private IReadOnlyList<(ExecutionStatus Status, string ProcessIds)> Changes =>
        [.. _changes.Select(change => (change.Status, string.Join(',', change.ProcessIds)))];

    private ExecutionRunner Run(int retries = 0, int parallelism = 1)
    {
        var settings = new ExecutionSettings
        {
            ReplicaTimeout = TimeSpan.FromSeconds(60),
            ReplicaRetryLimit = retries,
            Parallelism = parallelism,
        };
        return new(
            ExecutionLifeCycle.Create("worker-abc1234", settings, _time.GetUtcNow()),
            _ => AnyStart,
            _starter,
            (state, processIds) => _changes.Add((state.Status, [.. processIds])),
            _time,
            _log);
    }

    /// <summary>One of two replicas is enough: the other is asked to end, and does.</summary>
    private async Task<ExecutionState> EndSoonAsync(ExecutionRunner runner)
    {
        await Eventually.SucceedsAsync("SIGTERM for the other", () => Assert.Equal(1, _starter.Replicas[1].Terminations));
        _starter.Replicas[1].End(0);
        return await EndOf(runner);
    }

    private static Task<ExecutionState> EndOf(ExecutionRunner runner) => Eventually.InTimeAsync("the execution's end", runner.Completion);
}
