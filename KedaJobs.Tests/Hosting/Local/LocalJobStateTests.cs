using KedaJobs.Hosting;
using KedaJobs.Hosting.Local;
using KedaJobs.Scaling.Executions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Local;

public class LocalJobStateTests
{
    private static readonly DateTimeOffset Noon = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Finished_executions_are_kept_up_to_a_hundred_and_counted_for_ever()
    {
        var state = new LocalJobState(["worker-01", "worker-02"]);
        var lasting = state.TryAdd(Create("lasting"), maxExecutions: 5)!;
        for (var number = 1; number <= 105; number++)
        {
            state.Replace(Finished(state.TryAdd(Create($"e{number}"), maxExecutions: 5)!));
        }

        Assert.Equal(101, state.Current.Executions.Length);
        Assert.Equal(lasting, state.Current.Executions[0]);
        Assert.Equal("e6", state.Current.Executions[1].Name);
        Assert.Equal("e105", state.Current.Executions[^1].Name);
        Assert.Equal(105, state.Current.FinishedExecutions);
    }

    [Fact]
    public void Slot_of_an_execution_is_free_only_after_its_end_and_others_run_without_one()
    {
        var state = new LocalJobState(["worker-01"]);
        var execution = state.TryAdd(Create("e1"), maxExecutions: 5)!;
        var beside = state.TryAdd(Create("e2"), maxExecutions: 5)!;
        Assert.Null(beside.ResourceName);
        Assert.Equal(2, state.Current.Counts.Running);

        state.Replace(Finished(beside));
        Assert.Null(state.TryAdd(Create("e3"), maxExecutions: 5)?.ResourceName);
        state.Replace(Finished(execution));

        Assert.Equal("worker-01", state.TryAdd(Create("e4"), maxExecutions: 5)?.ResourceName);
    }

    [Fact]
    public void Limit_and_addition_are_one_step()
    {
        var state = new LocalJobState(Enumerable.Range(1, 50).Select(number => $"worker-{number:00}"));

        Parallel.For(0, 200, number => state.TryAdd(Create($"e{number}"), maxExecutions: 7));

        Assert.Equal(7, state.Current.Counts.Running);
    }

    [Fact]
    public async Task Watch_shows_every_change_from_now_on_and_ends_with_the_job()
    {
        var state = new LocalJobState(["worker-01"]);
        state.Change(snapshot => snapshot with { LastStart = 1 });
        var watch = CollectAsync(state);
        for (var number = 2; number <= 20; number++)
        {
            state.Change(snapshot => snapshot with { LastStart = number });
        }

        state.Complete();

        var seen = await Eventually.InTimeAsync("the end of the watch", watch);
        Assert.Equal(Enumerable.Range(1, 20).Select(number => (long)number), seen);
        Assert.Equal([20L], await Eventually.InTimeAsync("a late watch", CollectAsync(state)));
    }

    [Fact]
    public async Task Watcher_that_stops_reading_costs_bounded_memory_and_misses_the_oldest_changes()
    {
        var state = new LocalJobState([]);
        await using var watcher = state.WatchAsync(CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await watcher.MoveNextAsync());

        for (var number = 1; number <= 5_000; number++)
        {
            state.Change(snapshot => snapshot with { LastStart = number });
        }

        state.Complete();
        var seen = new List<long>();
        while (await watcher.MoveNextAsync())
        {
            seen.Add(watcher.Current.LastStart);
        }

        Assert.Equal(LocalJobState.WatcherCapacity, seen.Count);
        Assert.Equal(5_000, seen[^1]);
        Assert.Equal(5_000 - LocalJobState.WatcherCapacity + 1, seen[0]);
    }

    private static async Task<List<long>> CollectAsync(LocalJobState state)
    {
        var seen = new List<long>();
        await foreach (var snapshot in state.WatchAsync(CancellationToken.None))
        {
            seen.Add(snapshot.LastStart);
        }

        return seen;
    }

    private static ExecutionState Create(string name) =>
        ExecutionLifeCycle.Create(name, new() { ReplicaTimeout = TimeSpan.FromMinutes(1) }, Noon).State;

    private static JobExecution Finished(JobExecution execution) => execution with
    {
        State = execution.State with { Status = ExecutionStatus.Succeeded, FinishedAt = Noon },
    };
}
