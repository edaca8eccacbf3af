using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Azure.Messaging.ServiceBus;
using KedaJobs.Hosting;
using KedaJobs.Scaling.Executions;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.Hosting.Local;

/// <summary>Workers that are no projects, from the declaration to the process.</summary>
public sealed class ExecutableRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("run");

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public async Task Executable_runs_with_its_arguments_folder_and_environment_on_demand()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddExecutable(
            "script", "sh", _folder.FullName, "-c", """pwd; echo "$0|$1|$GREETING|$CONTAINER_APP_JOB_NAME"; exit 3""", "first",
            "second one")
            .WithHttpEndpoint(env: "PORT")
            .WithEnvironment("GREETING", "Hello {{name}}")
            .AsManualJob(job => job.ReplicaRetryLimit = 1);
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);
        var job = app.GetJob("script");
        await job.WaitForAsync(snapshot => snapshot.Status == JobStatus.Running, Eventually.DefaultDeadline);

        var execution = await job.StartExecutionAsync();
        var ended = await job.WaitForExecutionAsync(execution.Name, Eventually.DefaultDeadline);

        Assert.Equal((ExecutionStatus.Failed, 3, 2), (ended.Status, ended.ExitCode, ended.State.Attempt));
        Assert.Equal(
            [_folder.FullName, "first|second one|Hello {{name}}|script", _folder.FullName, "first|second one|Hello {{name}}|script"],
            job.GetLog(execution.Name).Where(line => line.Contains('|', StringComparison.Ordinal) || line.StartsWith('/')));
        app.ResourceNotifications.TryGetCurrentState("script", out var row);
        Assert.Equal("on demand", row!.Snapshot.Properties.Single(property => property.Name == "Next execution").Value);
        Assert.DoesNotContain(row.Snapshot.Commands, command => command.Name == "pause-scaling");
        Assert.Contains(
            await LogAsync(app, row.ResourceId),
            line => line.Contains("The environment variable PORT is not set", StringComparison.Ordinal));
    }

    [UnixFact]
    public async Task Scheduled_executable_starts_when_its_clock_says_so()
    {
        var clock = new FakeTimeProvider(new(2026, 8, 1, 2, 59, 30, TimeSpan.Zero));
        await using var builder = DistributedApplicationTestingBuilder.Create();
        builder.UseScheduleClock(clock);
        builder.AddExecutable("nightly", "true", _folder.FullName).AsScheduledJob("0 3 * * *");
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);
        var job = app.GetJob("nightly");
        await job.WaitForAsync(snapshot => snapshot.NextScheduledTime is not null, Eventually.DefaultDeadline);
        Assert.Empty(job.Current.Executions);

        clock.Advance(TimeSpan.FromSeconds(30));
        var ended = await job.WaitForExecutionsAsync(1, Eventually.DefaultDeadline);

        Assert.Equal(ExecutionStatus.Succeeded, Assert.Single(ended.Executions).Status);
        var row = (await Eventually.InTimeAsync("the next time on the resource", app.ResourceNotifications.WaitForResourceAsync(
            "nightly", update => Property(update, "Next execution") == "2026-08-02 03:00:00Z"))).Snapshot;
        Assert.Equal(KnownResourceStates.Running, row.State?.Text);
        Assert.Equal("0 3 * * * (UTC)", row.Properties.Single(property => property.Name == "Schedule").Value);
    }

    [UnixFact]
    public async Task Further_trigger_is_polled_and_decided_on_with_its_own_message_count()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var messaging = builder.AddAzureServiceBus("messaging").RunAsEmbedded();
        var jobs = messaging.AddServiceBusQueue("jobs");
        var urgent = builder.AddAzureServiceBus("other").RunAsEmbedded().AddServiceBusQueue("urgent", "urgent-jobs");
        builder.AddExecutable("script", "sleep", _folder.FullName, "60").WithReference(jobs).WithReference(urgent)
            .AsEventJob(jobs, job => job.MessageCount = 100)
            .WithTrigger(urgent, messageCount: 1);
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);
        var job = app.GetJob("script");
        await job.WaitForIdleAsync(Eventually.DefaultDeadline);
        job.PauseScaling();
        await using var client = new ServiceBusClient(await app.GetConnectionStringAsync("other"));
        await using var sender = client.CreateSender("urgent-jobs");
        await sender.SendMessagesAsync([new("a"), new("b"), new("c")]);

        var polled = await job.PollAsync();

        Assert.Equal([("jobs", 0L), ("urgent-jobs", 3L)], polled.Triggers.Select(trigger => (trigger.Name, trigger.Length!.Value)));
        Assert.Equal((3L, "3 active messages / 1 per execution = 3 wanted, 0 running: start 3"), (polled.LastStart, polled.LastReason));
    }

    private static string? Property(ResourceEvent update, string name) =>
        update.Snapshot.Properties.SingleOrDefault(property => property.Name == name)?.Value?.ToString();

    private static async Task<List<string>> LogAsync(DistributedApplication app, string resourceId)
    {
        var lines = new List<string>();
        await foreach (var batch in app.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(resourceId))
        {
            lines.AddRange(batch.Select(line => line.Content));
        }

        return lines;
    }
}
