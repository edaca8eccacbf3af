using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using Azure.Messaging.ServiceBus;
using KedaJobs.Jobs.Hosting;
using KedaJobs.Jobs.Settling;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Jobs.Receiving;

/// <summary>One execution: receives and handles messages until the policy ends it, then ends the process.</summary>
internal sealed class QueueJobWorker : BackgroundService
{
    /// <summary>After the grace period, how long handlers may take to notice that they are canceled.</summary>
    private static readonly TimeSpan CancelledHandlerGrace = TimeSpan.FromSeconds(2);

    private readonly JobQueue _queue;
    private readonly JobProcessor _processor;
    private readonly ResultSender _results;
    private readonly DelayedRetries _retries;
    private readonly JobRun _run;
    private readonly JobTelemetry _telemetry;
    private readonly ExecutionIdentity _identity;
    private readonly QueueJobOptions _options;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DrainLimits _limits;

    /// <summary>What is being worked on: a message, or (null) a session with its messages.</summary>
    private readonly Dictionary<Task, ServiceBusReceivedMessage?> _inHand = [];
    private readonly CancellationTokenSource _giveBack = new();
    private JobSessions? _sessions;
    private int _taken;

    public QueueJobWorker(
        JobQueue queue,
        JobProcessor processor,
        ResultSender results,
        DelayedRetries retries,
        JobRun run,
        JobTelemetry telemetry,
        ExecutionIdentity identity,
        QueueJobOptions options,
        IHostApplicationLifetime lifetime,
        TimeProvider time,
        ILogger logger)
    {
        (_queue, _processor, _results, _retries, _run, _telemetry) = (queue, processor, results, retries, run, telemetry);
        (_identity, _options, _lifetime, _time, _logger) = (identity, options, lifetime, time, logger);
        _limits = DrainLimits.From(options);
        _run.Begin();
    }

    private int Taken => _sessions?.Taken ?? _taken;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var start = _time.GetTimestamp();
        using var activity = _telemetry.StartExecution();
        using var scope = _logger.BeginScope(new Dictionary<string, object> { ["ExecutionName"] = _identity.Execution });
        KeepThreadsFree();
        _logger.Started(
            _identity.Execution, _queue.Path, _limits.Concurrency.ToString(CultureInfo.InvariantCulture),
            _limits.TimeBudget.ToString("c", CultureInfo.InvariantCulture));
        if (_retries.WhyNot is { } reason && _options.DelayRetries)
        {
            _logger.RetriesNotDelayed(_queue.Path, reason);
        }

        var receiver = _queue.CreateReceiver(
            new ServiceBusReceiverOptions { PrefetchCount = _options.PrefetchCount, Identifier = _identity.Replica });
        try
        {
            var end = await DrainAsync(receiver, stoppingToken).ConfigureAwait(false);
            _logger.Finished(
                _identity.Execution,
                _time.GetElapsedTime(start).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture),
                end,
                Taken.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            _logger.Failed(e, _identity.Execution, Taken);
            _run.Fail();
        }

        try
        {
            if (_sessions is not null)
            {
                await _sessions.DisposeAsync().ConfigureAwait(false);
            }

            // Gives back what was fetched ahead.
            await receiver.DisposeAsync().ConfigureAwait(false);
            await _retries.DisposeAsync().ConfigureAwait(false);
            await _results.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            if (_run.End())
            {
                _lifetime.StopApplication();
            }
        }
    }

    public override void Dispose()
    {
        _giveBack.Dispose();
        base.Dispose();
    }

    /// <exception cref="ServiceBusException">The queue could not be read; messages in progress have been finished or returned.</exception>
    private async Task<DrainEnd> DrainAsync(ServiceBusReceiver receiver, CancellationToken stoppingToken)
    {
        var start = _time.GetTimestamp();
        var emptyFor = TimeSpan.Zero;
        long? stopping = null;
        Exception? failure = null;
        if (_options.RequiresSession)
        {
            ReceiveSessions(receiver, refusal: null, stoppingToken);
        }

        while (true)
        {
            failure = TakeFinished() ?? failure;
            if (stopping is null && (failure is not null || stoppingToken.IsCancellationRequested))
            {
                stopping = _time.GetTimestamp();
                if (failure is null)
                {
                    _logger.Stopping(_sessions?.Busy ?? _inHand.Count);
                }
                else if (_sessions is not null)
                {
                    await _sessions.StopTakingAsync().ConfigureAwait(false);
                }
            }

            var state = new DrainState(
                _time.GetElapsedTime(start),
                Taken,
                _inHand.Count,
                _sessions?.EmptyFor ?? emptyFor,
                stopping is { } since ? _time.GetElapsedTime(since) : null);
            switch (DrainPolicy.Decide(_limits, state))
            {
                case DrainStep.Finish finish:
                    await GiveBackAsync(receiver).ConfigureAwait(false);
                    if (failure is not null)
                    {
                        ExceptionDispatchInfo.Throw(failure);
                    }

                    return finish.Why;

                case DrainStep.Wait wait:
                    try
                    {
                        await Task.WhenAny(_inHand.Keys)
                            .WaitAsync(
                                wait.UpTo ?? Timeout.InfiniteTimeSpan, _time, stopping is null ? stoppingToken : CancellationToken.None)
                            .ConfigureAwait(false);
                    }
                    catch (Exception e) when (e is TimeoutException or OperationCanceledException)
                    {
                        // The next round decides.
                    }

                    break;

                case DrainStep.Take take:
                    var asked = _time.GetTimestamp();
                    try
                    {
                        if (_sessions is not null)
                        {
                            Start(_sessions, await _sessions.AcceptAsync(take.UpTo).ConfigureAwait(false));
                            break;
                        }

                        var messages = await receiver.ReceiveMessagesAsync(take.Count, take.UpTo, stoppingToken).ConfigureAwait(false);
                        emptyFor = messages.Count > 0 ? TimeSpan.Zero : emptyFor + _time.GetElapsedTime(asked);
                        Start(receiver, messages);
                    }
                    catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
                    {
                        // Told to stop: the next round sees it.
                    }
                    catch (InvalidOperationException e) when (_sessions is null && _taken == 0 && e is not ObjectDisposedException)
                    {
                        // What Service Bus says to a receiver without a session if the queue requires one.
                        ReceiveSessions(receiver, refusal: e, stoppingToken);
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

    private void ReceiveSessions(ServiceBusReceiver receiver, InvalidOperationException? refusal, CancellationToken stoppingToken)
    {
        if (refusal is not null)
        {
            _logger.SessionsFound(_queue.Path);
            if (_options.DelayRetries && _retries.WhyNot is null)
            {
                _logger.RetriesNotDelayed(_queue.Path, DelayedRetries.OrderOfSessions);
            }
        }

        if (_options.PrefetchCount > 0)
        {
            _logger.NoPrefetch(_queue.Path);
        }

        _sessions = new JobSessions(
            _queue, receiver, _processor, _limits, _options, _identity.Replica, _time, _logger, refusal, stoppingToken, _giveBack.Token);
    }

    private void Start(JobSessions sessions, HeldSession? session)
    {
        if (session is not null)
        {
            _inHand.Add(Task.Run(() => sessions.WorkAsync(session), CancellationToken.None), null);
        }
    }

    private void Start(ServiceBusReceiver receiver, IReadOnlyList<ServiceBusReceivedMessage> messages)
    {
        _taken += messages.Count;
        foreach (var message in messages)
        {
            // A handler that computes must not hold up the pump.
            _inHand.Add(Task.Run(() => _processor.ProcessAsync(receiver, message, _giveBack.Token), CancellationToken.None), message);
        }
    }

    /// <summary>Forgets what is done.</summary>
    /// <returns>
    /// Why a session could not be read, or an error in our own code. A message's failure is settled with the message and does not come
    /// here.
    /// </returns>
    private Exception? TakeFinished()
    {
        Exception? failure = null;
        foreach (var done in _inHand.Keys.Where(task => task.IsCompleted).ToList())
        {
            _inHand.Remove(done);
            failure = done.Exception?.InnerException ?? failure;
        }

        return failure;
    }

    private async Task GiveBackAsync(ServiceBusReceiver receiver)
    {
        if (_inHand.Count == 0)
        {
            return;
        }

        _logger.GraceOver(_inHand.Count);
        await _giveBack.CancelAsync().ConfigureAwait(false);
        try
        {
            await Task.WhenAll(_inHand.Keys).WaitAsync(CancelledHandlerGrace, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Handlers that do not listen: their messages go back without them. Those of sessions do when their session is closed.
            TakeFinished();
            var messages = _inHand.Values.OfType<ServiceBusReceivedMessage>();
            await Task.WhenAll(messages.Select(message => _processor.GiveBackAsync(receiver, message))).ConfigureAwait(false);
        }
    }
}
