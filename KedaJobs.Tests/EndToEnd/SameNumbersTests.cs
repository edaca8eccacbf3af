using System.Collections.Concurrent;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Azure.Messaging.ServiceBus;
using KedaJobs.Hosting;
using KedaJobs.Hosting.Local.WhatIf;
using KedaJobs.Scaling.Simulation;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace KedaJobs.Tests.EndToEnd;

/// <summary>
/// The real AppHost under a load, and a simulation of the same load. The simulation is told what was measured in that very run:
/// when messages came, how long cold starts and messages took, and when the first poll was. So a slow machine makes both slow,
/// and only the rules can make them differ.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class SameNumbersTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int MaxExecutions = 4;
    private const int MessageCount = 2;
    private const int Messages = 45;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<long, (DateTimeOffset At, long Started)> _polls = [];
    private readonly CancellationTokenSource _ending = new();
    private DistributedApplication? _app;
    private ServiceBusClient? _client;
    private Task _watch = Task.CompletedTask;

    private DistributedApplication App => _app!;

    private RunningJob Worker => App.GetJob("worker");

    public async Task InitializeAsync()
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.KedaJobs_AppHost>(
        [
            $"--KedaJobs:Jobs:worker:MessageCount={MessageCount}",
            $"--KedaJobs:Jobs:worker:MaxExecutions={MaxExecutions}",
            "--KedaJobs:Local:PollingInterval=00:00:01",
        ]);
        builder.CreateResourceBuilder(builder.Resources.OfType<ProjectResource>().Single(project => project.Name == "worker"))
            .WithEnvironment("QueueJob__Concurrency", "1")
            .WithEnvironment("QueueJob__IdleTime", IdleTime.ToString("c", CultureInfo.InvariantCulture));
        _app = await builder.BuildAsync();
        await _app.StartAsync().WaitAsync(Patience);
        await Worker.WaitForAsync(job => job.Status == JobStatus.Running, Patience);
        _client = new(await _app.GetConnectionStringAsync("messaging"));
        _watch = WatchAsync();
    }

    public async Task DisposeAsync()
    {
        await _ending.CancelAsync();
        await _watch;
        await _client!.DisposeAsync();
        await App.DisposeAsync();
        _ending.Dispose();
    }

    [LinuxFact]
    public async Task Same_load_gives_the_same_executions_and_makespan_here_and_in_the_simulation()
    {
        // Less than the executions can take at once; then far more, and still more while they are at it.
        await SendAsync(5);
        await WaitUntilNothingRunsAsync();
        await SendAsync(30);
        await Worker.WaitForAsync(job => job.QueueLength is > 0 and <= 15, Patience);
        await SendAsync(10);
        await WaitUntilNothingRunsAsync();

        var real = Worker.Current;
        var (input, makespan, total) = Measured(real);
        var simulated = JobSimulation.Run(input);
        var polls = _polls.Values.Count(poll => poll.Started > 0);
        output.WriteLine($"executions: {real.FinishedExecutions} here ({polls} polls), {simulated.Executions} simulated; "
            + $"makespan: {makespan} here, {simulated.Makespan} simulated; mean until done: "
            + $"{total} here, {simulated.Total.Mean} simulated");

        Assert.Equal((Messages, Messages, 0), (simulated.Arrived, simulated.Completed, simulated.Left));
        Assert.InRange(simulated.Executions, real.FinishedExecutions - polls, real.FinishedExecutions + polls);
        Assert.InRange(simulated.Makespan, makespan * 0.8, makespan * 1.2);
        Assert.InRange(simulated.Total.Mean, total * 0.7, total * 1.3);
        Assert.Equal(MaxExecutions, simulated.MostExecutions);
    }

    /// <summary>What "What if" reads off the run, with the local polls in place of the declared ones.</summary>
    private (SimulationInput Input, TimeSpan Makespan, TimeSpan Total) Measured(JobSnapshot job)
    {
        var declaration = App.Services.GetRequiredService<DistributedApplicationModel>().Resources
            .SelectMany(resource => resource.Annotations.OfType<EventJobAnnotation>()).Single();
        var recorded = App.Services.GetRequiredService<LoadRecorder>().Find(declaration.Trigger)!;
        var now = App.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        var load = MeasuredLoad.Of([recorded], [.. job.Executions.Select(execution => execution.State)], now);
        Assert.Equal((Messages, Messages, 1), (load.Count, load.Handling.Count, load.Concurrency));
        Assert.InRange(load.ColdStarts.Count, 1, (int)job.FinishedExecutions);

        var begin = load.Begin!.Value;
        var ends = recorded.Since(now).Handled.Select(message => message.To - begin).ToList();
        var input = WhatIfInput.Of(declaration, load, handling: null, imagePull: TimeSpan.Zero);
        return (
            input with
            {
                Scale = input.Scale with { PollingIntervalSeconds = 1 },
                FirstPoll = _polls.Values.Where(poll => poll.At >= begin).Min(poll => poll.At) - begin,
                Worker = input.Worker with { IdleTime = IdleTime },
            },
            ends.Max(),
            TimeSpan.FromSeconds(
                ends.Average(end => end.TotalSeconds) - load.Arrivals[0]!.Average(arrival => (arrival.At - begin).TotalSeconds)));
    }

    private async Task WatchAsync()
    {
        try
        {
            await foreach (var job in Worker.WatchAsync(_ending.Token))
            {
                if (job.LastPoll is { } at)
                {
                    _polls[job.Polls] = (at, job.LastStart);
                }
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    /// <summary>And some polls more, so that no small delay of one side makes its executions meet the next messages.</summary>
    private async Task WaitUntilNothingRunsAsync()
    {
        var idle = await Worker.WaitForIdleAsync(Patience);
        await Worker.WaitForAsync(job => job.Polls >= idle.Polls + 3, Patience);
    }

    private async Task SendAsync(int count)
    {
        await using var sender = _client!.CreateSender("jobs");
        await sender.SendMessagesAsync(Enumerable.Range(0, count)
            .Select(index => new ServiceBusMessage("""{"task": "delay", "input": {"seconds": 1}}""")
            {
                MessageId = Guid.NewGuid().ToString("N"),
                ContentType = "application/json",
            }));
    }
}
