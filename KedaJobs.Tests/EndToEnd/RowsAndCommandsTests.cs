using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting;
using KedaJobs.Scaling.Executions;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Tests.EndToEnd;

/// <summary>What the dashboard shows of the jobs, and its buttons.</summary>
[Collection(AppHostCollection.Name)]
public sealed class RowsAndCommandsTests(AppHostFixture fixture) : IAsyncLifetime
{
    private RunningJob Worker => fixture.Worker;

    public Task InitializeAsync() => fixture.SettleAsync();

    public async Task DisposeAsync()
    {
        Worker.ResumeScaling();
        await fixture.IdleAsync();
    }

    [Fact]
    public async Task Executions_row_shows_name_state_times_and_exit_code_and_its_log()
    {
        await fixture.Producer.PostAsync("wordcount", new { text = "to be" });
        var execution = (await fixture.IdleAsync()).Executions[^1];

        var row = (await Eventually.InTimeAsync("the row's last state", fixture.App.ResourceNotifications.WaitForResourceAsync(
            execution.ResourceName!,
            update => Source(update.Snapshot) == execution.Name && update.Snapshot.ExitCode is not null))).Snapshot;

        Assert.False(row.IsHidden);
        Assert.Equal(KnownResourceStates.Finished, row.State?.Text);
        Assert.Equal(0, row.ExitCode);
        Assert.Equal(execution.State.StartedAt?.UtcDateTime, row.StartTimeStamp);
        Assert.Equal(execution.State.FinishedAt?.UtcDateTime, row.StopTimeStamp);
        Assert.Contains(row.Relationships, relationship => relationship is { ResourceName: "worker", Type: "Parent" });
        var log = (await LogOfAsync(execution.ResourceName!))
            .SkipWhile(line => !line.EndsWith($"Execution {execution.Name} starts.", StringComparison.Ordinal)).ToList();
        Assert.Single(log, line => line.EndsWith(" starts.", StringComparison.Ordinal));
        Assert.Contains(log, line => line.Contains($"Execution {execution.Name} receives from 'jobs'", StringComparison.Ordinal));
        Assert.EndsWith($"Execution {execution.Name}, attempt 1: exit code 0.", log[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Workers_row_shows_the_queue_the_decision_and_both_intervals()
    {
        await fixture.Producer.PostAsync("wordcount", new { text = "or not to be" });
        await fixture.IdleAsync();

        var row = (await Eventually.InTimeAsync("an idle row", fixture.App.ResourceNotifications.WaitForResourceAsync(
            "worker", update => Property(update.Snapshot, "Queue length") == "0"
                && Property(update.Snapshot, "Running executions") == "0 of at most 5"))).Snapshot;

        Assert.Equal(KnownResourceStates.Running, row.State?.Text);
        Assert.Equal("no active messages: start none", Property(row, "Last decision"));
        Assert.Equal("30 s", Property(row, "Polling interval (declared)"));
        Assert.Equal("0.2 s", Property(row, "Polling interval (local)"));
        var log = await LogOfAsync("worker");
        Assert.Contains(
            log, line => line.EndsWith("1 active message / 10 per execution = 1 wanted, 0 running: start 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Aspires_own_commands_are_gone()
    {
        foreach (var command in (string[])["start", "stop", "restart", "rebuild"])
        {
            Assert.False((await fixture.App.ResourceCommands.ExecuteCommandAsync("worker", command)).Success, command);
        }
    }

    [Fact]
    public async Task Pause_start_and_resume_do_what_they_say()
    {
        await ExecuteAsync("pause-scaling", "Scaling paused.");
        await ExecuteAsync("pause-scaling", "Scaling is already paused.");
        var before = Worker.Current.FinishedExecutions;
        await fixture.Producer.PostAsync("wordcount", new { text = "a" });
        await fixture.UntilAsync("a poll that sees the message", snapshot => snapshot is { QueueLength: 1, LastStart: 0 });
        Assert.Equal((before, 0), (Worker.Current.FinishedExecutions, Worker.Current.Counts.Running));

        Assert.True((await fixture.App.ResourceCommands.ExecuteCommandAsync("worker", "start-execution")).Success);
        await fixture.UntilAsync("the execution by command", snapshot => snapshot.FinishedExecutions == before + 1);
        Assert.Single(await fixture.Producer.TakeResultsAsync(1));

        await fixture.Producer.PostAsync("wordcount", new { text = "b" });
        await ExecuteAsync("resume-scaling", "Scaling resumed.");
        Assert.Single(await fixture.Producer.TakeResultsAsync(1));
    }

    [Fact]
    public async Task Stop_all_ends_the_execution_and_its_message_comes_back()
    {
        await fixture.Producer.PostAsync("delay", new { seconds = 3 });
        var running = await fixture.UntilAsync(
            "a worker at work", snapshot => snapshot.Executions.Any(execution => execution.Status == ExecutionStatus.Running));
        var victim = running.Executions.Single(execution => !execution.IsFinished);
        await Eventually.SucceedsAsync("the message is in hand", async () => Assert.Contains(
            await LogOfAsync(victim.ResourceName!), line => line.Contains("receives from", StringComparison.Ordinal)));

        await ExecuteAsync("stop-all", "Stopping 1 execution.");
        var stopped = await fixture.UntilAsync(
            "its end", snapshot => snapshot.Executions.Any(execution => execution.Name == victim.Name && execution.IsFinished));

        Assert.Equal(ExecutionStatus.Stopped, stopped.Executions.Single(execution => execution.Name == victim.Name).Status);
        var result = Assert.Single(await fixture.Producer.TakeResultsAsync(1));
        Assert.NotEqual(victim.Name, result["execution"]!.GetValue<string>());
    }

    private async Task ExecuteAsync(string command, string expected)
    {
        var result = await fixture.App.ResourceCommands.ExecuteCommandAsync("worker", command);

        Assert.True(result.Success);
        Assert.Equal(expected, result.Message);
    }

    private async Task<List<string>> LogOfAsync(string row)
    {
        var lines = new List<string>();
        await foreach (var batch in fixture.App.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(RowId(row)))
        {
            lines.AddRange(batch.Select(line => line.Content));
        }

        return lines;
    }

    private string RowId(string resource) =>
        fixture.App.ResourceNotifications.TryGetCurrentState(resource, out var state) ? state.ResourceId : resource;

    private static string? Source(CustomResourceSnapshot row) => Property(row, CustomResourceKnownProperties.Source);

    private static string? Property(CustomResourceSnapshot row, string name) =>
        row.Properties.FirstOrDefault(property => property.Name == name)?.Value?.ToString();
}
