using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Azure.Messaging.ServiceBus;
using KedaJobs.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace KedaJobs.Worker;

/// <summary>One execution: moves messages from the queue into hands until the policy says that it is over, then ends the process.</summary>
internal sealed class JobWorker(
    [FromKeyedServices(ConnectionNames.Jobs)] ServiceBusQueue jobs,
    JobProcessor processor,
    JobRun run,
    WorkerTelemetry telemetry,
    ExecutionIdentity identity,
    IOptions<WorkerOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<JobWorker> logger) : BackgroundService
{
    /// <summary>After the grace period, how long handlers may take to notice that they are cancelled.</summary>
    private static readonly TimeSpan CancelledHandlerGrace = TimeSpan.FromSeconds(2);

    private readonly DrainLimits _limits = DrainLimits.From(options.Value);
    private readonly Dictionary<Task, ServiceBusReceivedMessage> _inHand = [];
    private readonly CancellationTokenSource _giveBack = new();
    private int _taken;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var start = time.GetTimestamp();
        using var activity = telemetry.StartExecution();
        using var scope = logger.BeginScope(new Dictionary<string, object> { ["ExecutionName"] = identity.Execution });
        KeepThreadsFree();
        logger.Started(identity.Execution, jobs.Name, _limits.Concurrency, _limits.TimeBudget);
        var receiver = jobs.Client.CreateReceiver(
            jobs.Name, new ServiceBusReceiverOptions { PrefetchCount = options.Value.PrefetchCount, Identifier = identity.Replica });
        try
        {
            var end = await DrainAsync(receiver, stoppingToken);
            logger.Finished(identity.Execution, time.GetElapsedTime(start).TotalSeconds, end, _taken);
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            logger.Failed(e, identity.Execution, _taken);
            run.ExitCode = 1;
        }

        try
        {
            // Gives back what was fetched ahead.
            await receiver.DisposeAsync();
        }
        finally
        {
            lifetime.StopApplication();
        }
    }

    public override void Dispose()
    {
        _giveBack.Dispose();
        base.Dispose();
    }

    /// <exception cref="ServiceBusException">The queue could not be read; what was in hand has been finished or given back.</exception>
    private async Task<DrainEnd> DrainAsync(ServiceBusReceiver receiver, CancellationToken stoppingToken)
    {
        var start = time.GetTimestamp();
        var emptyFor = TimeSpan.Zero;
        long? stopping = null;
        Exception? failure = null;
        while (true)
        {
            failure = TakeFinished() ?? failure;
            if (stopping is null && (failure is not null || stoppingToken.IsCancellationRequested))
            {
                stopping = time.GetTimestamp();
                if (failure is null)
                {
                    logger.Stopping(_inHand.Count);
                }
            }

            var state = new DrainState(
                time.GetElapsedTime(start), _taken, _inHand.Count, emptyFor, stopping is { } since ? time.GetElapsedTime(since) : null);
            switch (DrainPolicy.Decide(_limits, state))
            {
                case DrainStep.Finish finish:
                    await GiveBackAsync(receiver);
                    if (failure is not null)
                    {
                        ExceptionDispatchInfo.Throw(failure);
                    }

                    return finish.Why;

                case DrainStep.Wait wait:
                    await WaitForAnyAsync(wait.UpTo, stopping is null ? stoppingToken : CancellationToken.None);
                    break;

                case DrainStep.Take take:
                    var asked = time.GetTimestamp();
                    try
                    {
                        var messages = await receiver.ReceiveMessagesAsync(take.Count, take.UpTo, stoppingToken);
                        emptyFor = messages.Count > 0 ? TimeSpan.Zero : emptyFor + time.GetElapsedTime(asked);
                        Start(receiver, messages);
                    }
                    catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
                    {
                        // Told to stop: the next round sees it.
                    }
                    catch (Exception e)
                    {
                        failure = e;
                    }

                    break;
            }
        }
    }

    // Handlers that compute take a thread each; renewing locks needs one beside them at once, not when the pool gets round to growing.
    private void KeepThreadsFree()
    {
        ThreadPool.GetMinThreads(out var threads, out var completionThreads);
        ThreadPool.SetMinThreads(threads + _limits.Concurrency, completionThreads);
    }

    private void Start(ServiceBusReceiver receiver, IReadOnlyList<ServiceBusReceivedMessage> messages)
    {
        _taken += messages.Count;
        foreach (var message in messages)
        {
            // A handler that computes must not hold up the pump.
            _inHand.Add(Task.Run(() => processor.ProcessAsync(receiver, message, _giveBack.Token), CancellationToken.None), message);
        }
    }

    /// <summary>Forgets what is done.</summary>
    /// <returns>What went wrong in our own code: a message's failure is settled with the message and does not come here.</returns>
    private AggregateException? TakeFinished()
    {
        AggregateException? failure = null;
        foreach (var done in _inHand.Keys.Where(task => task.IsCompleted).ToList())
        {
            _inHand.Remove(done);
            failure = done.Exception ?? failure;
        }

        return failure;
    }

    private async Task WaitForAnyAsync(TimeSpan? upTo, CancellationToken stopRequested)
    {
        var any = Task.WhenAny(_inHand.Keys);
        try
        {
            await any.WaitAsync(upTo ?? Timeout.InfiniteTimeSpan, time, stopRequested);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // The next round of the loop decides.
        }
    }

    private async Task GiveBackAsync(ServiceBusReceiver receiver)
    {
        if (_inHand.Count == 0)
        {
            return;
        }

        logger.GraceOver(_inHand.Count);
        await _giveBack.CancelAsync();
        try
        {
            await Task.WhenAll(_inHand.Keys).WaitAsync(CancelledHandlerGrace, time);
        }
        catch (TimeoutException)
        {
            // Handlers that do not listen: their messages go back without them.
            TakeFinished();
            await Task.WhenAll(_inHand.Values.Select(message => processor.GiveBackAsync(receiver, message)));
        }
    }
}
