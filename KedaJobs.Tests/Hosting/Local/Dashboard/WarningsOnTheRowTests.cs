using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Aspire.Hosting.Testing;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Tests.Hosting.Local.Dashboard;

/// <summary>What the checks warn of, on the row of the worker that it is about: property, colour of the state, log.</summary>
public class WarningsOnTheRowTests
{
    private const string Endless = "KJ009 worker: 'jobs' dead-letters a message only after 500 deliveries";
    private const string Stuck = "KJ014 worker: ActivationMessageCount is 3";
    private const string Expiry = "KJ017 worker: messages in 'jobs' expire after 01:00:00";

    [Fact]
    public async Task Doubtful_declaration_is_shown_and_logged()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        Declare(builder, activation: 3, queue => (queue.MaxDeliveryCount, queue.DefaultMessageTimeToLive) = (500, TimeSpan.FromHours(1)));
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);

        var row = await IdleAsync(app);

        Assert.Equal(KnownResourceStateStyles.Warn, row.State!.Style);
        var warnings = Warnings(row).Split(Environment.NewLine);
        Assert.Collection(
            warnings.Order(StringComparer.Ordinal),
            line => Assert.StartsWith(Endless, line, StringComparison.Ordinal),
            line => Assert.StartsWith(Stuck, line, StringComparison.Ordinal),
            line => Assert.StartsWith(Expiry, line, StringComparison.Ordinal));
        var log = await LogAsync(app);
        Assert.All(warnings, warning => Assert.Contains(log, line => line.Contains(warning, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Sound_declaration_shows_none()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        Declare(builder, activation: 0, _ => { });
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);

        var row = await IdleAsync(app);

        Assert.Equal(KnownResourceStateStyles.Success, row.State!.Style);
        Assert.DoesNotContain(row.Properties, property => property.Name == "Warnings");
    }

    private static void Declare(IDistributedApplicationBuilder builder, int activation, Action<AzureServiceBusQueueResource> configure)
    {
        var jobs = builder.AddAzureServiceBus("messaging").RunAsEmbedded().AddServiceBusQueue("jobs").WithProperties(configure);
        builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(jobs)
            .AsEventJob(jobs, job => job.ActivationMessageCount = activation);
    }

    private static async Task<CustomResourceSnapshot> IdleAsync(DistributedApplication app) => (await Eventually.InTimeAsync(
        "the worker is being scaled", app.ResourceNotifications.WaitForResourceAsync(
            "worker", update => update.Snapshot.State?.Text == KnownResourceStates.Running))).Snapshot;

    private static string Warnings(CustomResourceSnapshot row) =>
        row.Properties.Single(property => property.Name == "Warnings").Value!.ToString()!;

    private static async Task<List<string>> LogAsync(DistributedApplication app)
    {
        app.ResourceNotifications.TryGetCurrentState("worker", out var state);
        var lines = new List<string>();
        await foreach (var batch in app.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(state!.ResourceId))
        {
            lines.AddRange(batch.Select(line => line.Content));
        }

        return lines;
    }
}
