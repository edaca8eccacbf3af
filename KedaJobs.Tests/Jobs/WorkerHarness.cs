using System.Diagnostics.Metrics;
using KedaJobs.Contracts;
using KedaJobs.Jobs;
using KedaJobs.Jobs.Hosting;
using KedaJobs.Jobs.Receiving;
using KedaJobs.Jobs.Settling;
using KedaJobs.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace KedaJobs.Tests.Jobs;

/// <summary>The pump on a queue that does as it is told, with handlers that a process of the real worker does not have.</summary>
internal sealed class WorkerHarness : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Lifetime _lifetime = new();
    private readonly FakeLogger _logger = new();

    public FakeQueue Queue { get; } = new();

    public QueueJobOptions Options { get; } = new() { IdleTime = TimeSpan.FromMilliseconds(1) };

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public JobRun Run { get; } = new();

    /// <summary>Done when the process is told to end.</summary>
    public Task<bool> Stopped => _lifetime.Stopped.Task;

    /// <summary>Why the execution failed.</summary>
    public Exception? Failure => _logger.Collector.GetSnapshot().SingleOrDefault(entry => entry.Level == LogLevel.Error)?.Exception;

    public QueueJobWorker Worker(Func<CancellationToken, Task> handle)
    {
        var identity = new ExecutionIdentity("worker", "worker-abc1234", "worker-abc1234-0");
        var telemetry = new JobTelemetry(_services.GetRequiredService<IMeterFactory>(), identity);
        var results = new ResultSender(Queue.Client, opened: null, identity, Time);
        var retries = new DelayedRetries(Queue.Jobs, Options, Time, _logger);
        var job = new QueueJobBuilder(new ServiceCollection()).AddTask(JobTasks.Delay, _ => new Handler(handle));
        var processor = new JobProcessor(job.Build(_services), results, retries, telemetry, identity, Options, Time, _logger);
        return new QueueJobWorker(Queue.Jobs, processor, results, retries, Run, telemetry, identity, Options, _lifetime, Time, _logger);
    }

    public void Dispose()
    {
        _services.Dispose();
        _lifetime.Dispose();
    }

    private sealed class Handler(Func<CancellationToken, Task> handle) : IJobHandler<DelayInput, DelayOutput>
    {
        public async Task<DelayOutput> HandleAsync(DelayInput input, JobContext job, CancellationToken cancellationToken)
        {
            await handle(cancellationToken);
            return new DelayOutput { Seconds = 0 };
        }
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
