using System.Diagnostics;
using System.Text.Json.Nodes;
using Aspire.Hosting.Testing;
using KedaJobs.Hosting;
using KedaJobs.Scaling.Executions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.EndToEnd;

/// <summary>Real work through the real producer, broker, local KEDA and worker processes.</summary>
[Collection(AppHostCollection.Name)]
public sealed class JobsTests(AppHostFixture fixture) : IAsyncLifetime
{
    private ProducerClient Producer => fixture.Producer;

    private RunningJob Worker => fixture.Worker;

    public Task InitializeAsync() => fixture.SettleAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [LinuxFact]
    public async Task One_message_becomes_one_execution_and_idle_means_no_process()
    {
        var connection = (await fixture.App.GetConnectionStringAsync("jobs"))!;
        Assert.Equal(0, WorkerProcesses.Count(connection));
        var before = Worker.Current.FinishedExecutions;

        var ids = await Producer.PostAsync("wordcount", new { text = "one two two three" });
        var idle = await fixture.IdleAsync();

        Assert.Equal(before + 1, idle.FinishedExecutions);
        var execution = idle.Executions[^1];
        Assert.Equal((ExecutionStatus.Succeeded, 0), (execution.Status, execution.ExitCode));
        var result = Assert.Single(await Producer.TakeResultsAsync(1));
        Assert.Equal(Assert.Single(ids), ProducerClient.IdOf(result));
        Assert.Equal(4, result["output"]!["words"]!.GetValue<int>());
        Assert.Equal(execution.Name, result["execution"]!.GetValue<string>());
        Assert.Equal((0, 0), await Producer.CountsAsync());
        await Eventually.SucceedsAsync("no worker process is left", () => Assert.Equal(0, WorkerProcesses.Count(connection)));
    }

    [Fact]
    public async Task Thousand_jobs_never_more_than_the_maximum_at_once_each_result_once()
    {
        using var watching = new CancellationTokenSource();
        var peak = PeakAsync(watching.Token);
        var jobs = Enumerable.Range(1, 1_000).Select(number => $"thousand-{number}").ToArray();

        await Producer.PostAsync(new JsonArray([.. jobs.Select(id => new JsonObject
        {
            ["id"] = id,
            ["task"] = "wordcount",
            ["input"] = new JsonObject { ["text"] = $"the text of {id}" },
        })]));
        var results = await Producer.TakeResultsAsync(jobs.Length);
        await fixture.IdleAsync();
        results.AddRange(await Producer.TakeResultsAsync());
        await watching.CancelAsync();

        Assert.Equal(jobs.Order(), results.Select(ProducerClient.IdOf).Order());
        Assert.Equal((0, 0), await Producer.CountsAsync());
        Assert.Equal(AppHostFixture.MaxExecutions, await peak);
        Assert.True(results.Select(result => result["execution"]!.GetValue<string>()).Distinct().Count() > 1);
    }

    [Fact]
    public async Task Failing_job_is_dead_lettered_after_its_deliveries_and_requeue_brings_it_back()
    {
        var id = Assert.Single(await Producer.PostAsync("fail", new { message = "boom" }));
        await Eventually.SucceedsAsync(
            "the dead letter", async () => Assert.Equal((0, 1), await Producer.CountsAsync()), AppHostFixture.Patience);

        var first = Assert.Single(await Producer.DeadLettersAsync());
        Assert.Equal(id, first["id"]!.GetValue<string>());
        Assert.Equal("MaxDeliveryCountExceeded", first["reason"]!.GetValue<string>());
        Assert.Equal("boom", first["error"]!.GetValue<string>());
        Assert.StartsWith("All 5 attempts failed.", first["description"]!.GetValue<string>(), StringComparison.Ordinal);

        // In the first execution that has anything to do with it the job fails again: it has really been delivered once more.
        var idle = await fixture.IdleAsync();
        Assert.Equal(1, await Producer.RequeueAsync());
        await fixture.UntilAsync("another execution", snapshot => snapshot.FinishedExecutions > idle.FinishedExecutions);
        await Eventually.SucceedsAsync(
            "the second dead letter", async () => Assert.Equal((0, 1), await Producer.CountsAsync()), AppHostFixture.Patience);

        var second = Assert.Single(await Producer.DeadLettersAsync());
        Assert.Equal(id, second["id"]!.GetValue<string>());
        Assert.NotEqual(first["sequenceNumber"]!.GetValue<long>(), second["sequenceNumber"]!.GetValue<long>());
        Assert.NotEqual(first["execution"]!.GetValue<string>(), second["execution"]!.GetValue<string>());
        await fixture.SettleAsync();
    }

    [LinuxFact]
    public async Task Execution_killed_in_mid_work_loses_nothing()
    {
        // The short one's result shows that the others, taken with it, are in hand.
        var ids = await Producer.PostAsync(new JsonArray(Delay(0.05), Delay(4), Delay(4), Delay(4)));
        var results = await Producer.TakeResultsAsync(1);
        var victim = Worker.Current.Executions.Single(execution => !execution.IsFinished);

        foreach (var processId in victim.ProcessIds)
        {
            using var process = Process.GetProcessById(processId);
            process.Kill();
        }

        results.AddRange(await Producer.TakeResultsAsync(3));
        var idle = await fixture.IdleAsync();
        results.AddRange(await Producer.TakeResultsAsync());
        Assert.Equal(ids.Order(), results.Select(ProducerClient.IdOf).Order());
        Assert.Equal((0, 0), await Producer.CountsAsync());
        var killed = idle.Executions.Single(execution => execution.Name == victim.Name);
        Assert.Equal(137, killed.State.Replicas[0].Attempts[0].ExitCode);
        Assert.Equal(2, killed.State.Attempt);
    }

    private static JsonObject Delay(double seconds) => new() { ["task"] = "delay", ["input"] = new JsonObject { ["seconds"] = seconds } };

    private async Task<int> PeakAsync(CancellationToken cancellationToken)
    {
        var peak = 0;
        try
        {
            await foreach (var snapshot in Worker.WatchAsync(cancellationToken))
            {
                peak = Math.Max(peak, snapshot.Counts.Running);
                Assert.True(snapshot.Executions.Sum(execution => execution.ProcessIds.Length) <= AppHostFixture.MaxExecutions);
            }
        }
        catch (OperationCanceledException)
        {
            // Seen enough.
        }

        return peak;
    }
}
