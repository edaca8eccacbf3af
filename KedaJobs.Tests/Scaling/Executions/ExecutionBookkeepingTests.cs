using KedaJobs.Scaling.Executions;

namespace KedaJobs.Tests.Scaling.Executions;

/// <summary>Names, counts and history.</summary>
public class ExecutionBookkeepingTests
{
    private static readonly ExecutionSettings One = new() { ReplicaTimeout = TimeSpan.FromMinutes(10) };

    [Fact]
    public void Name_is_job_name_and_seven_lower_case_alphanumerics()
    {
        var random = new Random(7);
        var names = Enumerable.Range(0, 1000).Select(_ => ExecutionName.Create("worker", random)).ToList();

        Assert.All(names, name => Assert.Matches(@"\Aworker-[a-z0-9]{7}\z", name));
        Assert.Equal(1000, names.Distinct().Count());
    }

    [Fact]
    public void Counts_pending_is_unfinished_without_any_replica_that_ever_ran()
    {
        ExecutionState[] executions =
        [
            new ExecutionRun(One).State,
            new ExecutionRun(One with { Parallelism = 2 }).Started(1).State,
            new ExecutionRun(One with { ReplicaRetryLimit = 1 }).Started(0).Exited(0, 1).State,
            new ExecutionRun(One with { ReplicaRetryLimit = 1 }).StartFailed(0).State,
            new ExecutionRun(One).Started(0).Stop().State,
            new ExecutionRun(One).Started(0).Exited(0, 0).State,
            new ExecutionRun(One).StartFailed(0).State,
        ];

        Assert.Equal(new ExecutionCounts(Running: 5, Pending: 2), ExecutionCounts.Of(executions));
    }

    [Fact]
    public void History_drops_the_one_that_ended_first()
    {
        var history = ExecutionHistory.Empty with { Limit = 3 };

        foreach (var seconds in (int[])[5, 1, 3, 4, 2])
        {
            history = history.Add(Ended(seconds));
        }

        Assert.Equal([3, 4, 5], history.Executions.Select(execution => (execution.FinishedAt - execution.CreatedAt)!.Value.TotalSeconds));
    }

    [Fact]
    public void History_keeps_one_hundred_as_container_apps_does()
    {
        var history = ExecutionHistory.Empty;
        for (var seconds = 0; seconds < 105; seconds++)
        {
            history = history.Add(Ended(seconds));
        }

        Assert.Equal(100, history.Executions.Count);
    }

    [Fact]
    public void History_refuses_an_execution_that_runs() =>
        Assert.Throws<ArgumentException>(() => ExecutionHistory.Empty.Add(new ExecutionRun(One).State));

    private static ExecutionState Ended(int seconds) => new ExecutionRun(One).Pass(TimeSpan.FromSeconds(seconds)).StartFailed(0).State;
}
