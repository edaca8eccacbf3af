using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;
using KedaJobs.Jobs;
using KedaJobs.Jobs.Hosting;
using KedaJobs.Jobs.Receiving;
using KedaJobs.Jobs.Settling;
using KedaJobs.Tests.Support;
using KedaJobs.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace KedaJobs.Tests.Jobs;

/// <summary>The pump, with handlers that a process of the real worker does not have.</summary>
public sealed class QueueJobWorkerTests : IDisposable
{
    private static readonly ServiceBusException Away = new("away", ServiceBusFailureReason.ServiceCommunicationProblem);
    private readonly FakeQueue _queue = new();
    private readonly QueueJobOptions _options = new() { IdleTime = TimeSpan.FromMilliseconds(1) };
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly JobRun _run = new();
    private readonly Lifetime _lifetime = new();

    public void Dispose()
    {
        _services.Dispose();
        _lifetime.Dispose();
    }

    [Fact]
    public async Task Ends_the_process_when_the_queue_is_drained()
    {
        using var worker = Worker((_, _) => Task.FromResult(new DelayOutput { Seconds = 0 }));
        _queue.Gives.Enqueue(() => [Message()]);

        await worker.StartAsync(default);
        await Eventually.InTimeAsync("the process is told to end", _lifetime.Stopped.Task);

        Assert.Equal((0, "send complete close"), (_run.ExitCode, string.Join(' ', _queue.Calls)));
    }

    [Fact]
    public async Task When_the_queue_cannot_be_read_finishes_what_is_in_hand_and_fails()
    {
        var work = new TaskCompletionSource<DelayOutput>();
        using var worker = Worker((_, _) => work.Task);
        _queue.Gives.Enqueue(() => [Message()]);
        _queue.Gives.Enqueue(() => throw Away);

        await worker.StartAsync(default);
        await Eventually.SucceedsAsync("the failure is met", () => Assert.Empty(_queue.Gives));
        Assert.False(_lifetime.Stopped.Task.IsCompleted);
        work.SetResult(new DelayOutput { Seconds = 0 });
        await Eventually.InTimeAsync("the process is told to end", _lifetime.Stopped.Task);

        Assert.Equal((1, "send complete close"), (_run.ExitCode, string.Join(' ', _queue.Calls)));
    }

    [Fact]
    public async Task After_the_grace_gives_back_the_message_of_a_handler_that_does_not_listen()
    {
        _options.ShutdownGrace = TimeSpan.FromMilliseconds(1);
        var begun = new TaskCompletionSource<bool>();
        using var worker = Worker((_, _) =>
        {
            begun.SetResult(true);
            return new TaskCompletionSource<DelayOutput>().Task;
        });
        _queue.Gives.Enqueue(() => [Message()]);
        await worker.StartAsync(default);
        await Eventually.InTimeAsync("the handler begins", begun.Task);

        await worker.StopAsync(default);

        Assert.Equal((0, "abandon close"), (_run.ExitCode, string.Join(' ', _queue.Calls)));
    }

    [Fact]
    public async Task Handles_as_many_at_once_as_it_may()
    {
        _options.Concurrency = 3;
        var now = 0;
        var seen = new ConcurrentBag<int>();
        using var worker = Worker(async (_, _) =>
        {
            seen.Add(Interlocked.Increment(ref now));
            await Eventually.SucceedsAsync("three are at work", () => Assert.Contains(3, seen));
            Interlocked.Decrement(ref now);
            return new DelayOutput { Seconds = 0 };
        });
        for (var index = 0; index < 6; index++)
        {
            _queue.Gives.Enqueue(() => [Message()]);
        }

        await worker.StartAsync(default);
        await Eventually.InTimeAsync("the process is told to end", _lifetime.Stopped.Task);

        Assert.Equal((3, 6), (seen.Max(), _queue.Sent.Count));
    }

    private static ServiceBusReceivedMessage Message() => FakeQueue.Message(FakeQueue.Body(JobTasks.Delay, """{"seconds":1}"""));

    private QueueJobWorker Worker(Func<DelayInput, CancellationToken, Task<DelayOutput>> handle)
    {
        var identity = new ExecutionIdentity("worker", "worker-abc1234", "worker-abc1234-0");
        var telemetry = new JobTelemetry(_services.GetRequiredService<IMeterFactory>(), identity);
        var results = new ResultSender(_queue.Client, opened: null, identity, TimeProvider.System);
        var retries = new DelayedRetries(_queue.Jobs, _options, TimeProvider.System, NullLogger.Instance);
        var job = new QueueJobBuilder(new ServiceCollection()).AddTask(JobTasks.Delay, _ => new Handler(handle));
        var processor = new JobProcessor(
            job.Build(_services), results, retries, telemetry, identity, _options, TimeProvider.System, NullLogger.Instance);
        return new QueueJobWorker(
            _queue.Jobs, processor, results, retries, _run, telemetry, identity, _options, _lifetime, TimeProvider.System,
            NullLogger.Instance);
    }

    private sealed class Handler(Func<DelayInput, CancellationToken, Task<DelayOutput>> handle) : IJobHandler<DelayInput, DelayOutput>
    {
        public Task<DelayOutput> HandleAsync(DelayInput input, JobContext job, CancellationToken cancellationToken) =>
            handle(input, cancellationToken);
    }

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _never = new();

        public TaskCompletionSource<bool> Stopped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken ApplicationStarted => _never.Token;

        public CancellationToken ApplicationStopping => _never.Token;

        public CancellationToken ApplicationStopped => _never.Token;

        public void StopApplication() => Stopped.TrySetResult(true);

        public void Dispose() => _never.Dispose();
    }
}
