using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Aspire.Hosting.Testing;
using Azure.Messaging.ServiceBus;
using KedaJobs.Hosting;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.EndToEnd;

[CollectionDefinition(Name)]
public sealed class AppHostCollection : ICollectionFixture<AppHostFixture>
{
    public const string Name = "the whole AppHost";
}

/// <summary>The real AppHost with its broker, its producer and its worker, once for all tests of the collection.</summary>
public sealed class AppHostFixture : IAsyncLifetime
{
    public const int MessageCount = 10;
    public const int MaxExecutions = 5;

    /// <summary>What a whole scenario may take on a slow machine. A passing test waits no longer than it needs.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(3);

    private DistributedApplication? _app;
    private ProducerClient? _producer;
    private OtlpCollector? _telemetry;

    public DistributedApplication App => _app!;

    internal ProducerClient Producer => _producer!;

    /// <summary>The traces of the producer and of all executions.</summary>
    internal OtlpCollector Telemetry => _telemetry!;

    internal RunningJob Worker => App.GetJob("worker");

    public async Task InitializeAsync()
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.KedaJobs_AppHost>(
        [
            $"--KedaJobs:Jobs:worker:MessageCount={MessageCount}",
            $"--KedaJobs:Jobs:worker:MaxExecutions={MaxExecutions}",
            "--KedaJobs:Local:PollingInterval=00:00:00.2",
        ]);

        _telemetry = await OtlpCollector.StartAsync();
        foreach (var project in builder.Resources.OfType<ProjectResource>())
        {
            builder.CreateResourceBuilder(project)
                .WithEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", _telemetry.Endpoint)
                .WithEnvironment("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
                .WithEnvironment("OTEL_SDK_DISABLED", "false");
        }

        // Messages of a killed execution come back when their locks end, and an execution that is asked to stop goes soon.
        builder.Resources.OfType<AzureServiceBusQueueResource>().Single(queue => queue.Name == "jobs").LockDuration =
            TimeSpan.FromSeconds(5);
        builder.CreateResourceBuilder(builder.Resources.OfType<ProjectResource>().Single(project => project.Name == "worker"))
            .WithEnvironment("QueueJob__IdleTime", "00:00:01")
            .WithEnvironment("QueueJob__RetryDelay", "00:00:00.1")
            .WithEnvironment("QueueJob__ShutdownGrace", "00:00:01");

        _app = await builder.BuildAsync();
        await _app.StartAsync().WaitAsync(Patience);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("producer").WaitAsync(Patience);
        _producer = new(_app.CreateHttpClient("producer"));
    }

    /// <summary>
    /// Waits until nothing is left of earlier tests: no message, no retry that waits, no execution, no result. Dead letters are discarded.
    /// </summary>
    internal async Task SettleAsync()
    {
        await Eventually.SucceedsAsync("no retry waits", async () => Assert.Equal(0, await Producer.ScheduledAsync()), Patience);
        await IdleAsync();
        await Eventually.SucceedsAsync("no result is left", async () => Assert.Empty(await Producer.TakeResultsAsync()));
        await using var client = new ServiceBusClient(await App.GetConnectionStringAsync("messaging"));
        await using var receiver = client.CreateReceiver(
            "jobs", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter, ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });
        await Eventually.SucceedsAsync("no dead letter is left", async () =>
        {
            while ((await Producer.CountsAsync()).DeadLetter > 0)
            {
                Assert.NotNull(await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(10)));
            }
        });
    }

    /// <summary>Waits until the queue is empty and no execution runs.</summary>
    internal Task<JobSnapshot> IdleAsync() => Worker.WaitForIdleAsync(Patience);

    internal async Task<JobSnapshot> UntilAsync(string reason, Func<JobSnapshot, bool> condition)
    {
        try
        {
            return await Worker.WaitForAsync(condition, Patience);
        }
        catch (TimeoutException timeout)
        {
            throw new TimeoutException($"{reason}: {timeout.Message}", timeout);
        }
    }

    public async Task DisposeAsync()
    {
        _producer?.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        if (_telemetry is not null)
        {
            await _telemetry.DisposeAsync();
        }
    }
}
