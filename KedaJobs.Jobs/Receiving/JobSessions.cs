using System.Globalization;
using System.Runtime.ExceptionServices;
using Azure.Messaging.ServiceBus;
using KedaJobs.Jobs.Settling;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Jobs.Receiving;

/// <summary>
/// Receives from a queue that requires sessions. A session occupies one handler of the execution: its messages are handled one after the
/// other, in order, until it has given nothing for a while. Then it is closed, and the next receiver can accept it.
/// </summary>
/// <remarks>
/// Closing a session gives its messages back without a failed delivery. So nothing is abandoned here but the message whose attempt failed,
/// which is the next one that its session gives.
/// </remarks>
internal sealed class JobSessions : IAsyncDisposable
{
    /// <summary>The client doesn't wait longer either.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    private readonly JobQueue _queue;
    private readonly ServiceBusReceiver _browser;
    private readonly JobProcessor _processor;
    private readonly DrainLimits _limits;
    private readonly TimeSpan _sessionIdleTime;
    private readonly ServiceBusSessionReceiverOptions _receiverOptions;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _start;
    private readonly InvalidOperationException? _refusal;
    private readonly CancellationTokenSource _stop;
    private readonly CancellationToken _giveBack;
    private readonly Lock _lock = new();
    private readonly HashSet<HeldSession> _held = [];
    private readonly HashSet<string> _empty = [];
    private Task? _reached;
    private long _lastWork;
    private volatile bool _isAskedInVain;
    private int _taken;
    private int _busy;

    /// <param name="queue">The queue.</param>
    /// <param name="browser">A receiver without a session: it can browse, and so find out whether the queue can be reached.</param>
    /// <param name="processor">Handles the messages.</param>
    /// <param name="limits">What bounds the execution.</param>
    /// <param name="options">The options.</param>
    /// <param name="identifier">The name under which the broker knows the receivers.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    /// <param name="refusal">How the broker refused a receiver without a session, if it was asked.</param>
    /// <param name="stop">Canceled when nothing new may be taken.</param>
    /// <param name="giveBack">Canceled when the execution cannot wait for handlers any longer.</param>
    public JobSessions(
        JobQueue queue,
        ServiceBusReceiver browser,
        JobProcessor processor,
        DrainLimits limits,
        QueueJobOptions options,
        string identifier,
        TimeProvider time,
        ILogger logger,
        InvalidOperationException? refusal,
        CancellationToken stop,
        CancellationToken giveBack)
    {
        (_queue, _browser, _processor, _limits, _time, _logger) = (queue, browser, processor, limits, time, logger);
        (_refusal, _giveBack, _sessionIdleTime) = (refusal, giveBack, options.SessionIdleTime);

        // Nothing is fetched ahead: a message that fails has to come again before those behind it.
        _receiverOptions = new ServiceBusSessionReceiverOptions { Identifier = identifier };
        _start = _lastWork = time.GetTimestamp();
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _reached = refusal is null ? null : Task.CompletedTask;
    }

    /// <summary>Messages that were received, or are being asked for.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Messages that are being handled.</summary>
    public int Busy => Volatile.Read(ref _busy);

    /// <summary>
    /// How long no message has arrived and none has been handled. Zero as long as no request has come back empty since then.
    /// </summary>
    public TimeSpan EmptyFor => _isAskedInVain ? _time.GetElapsedTime(Volatile.Read(ref _lastWork)) : TimeSpan.Zero;

    /// <summary>Waits for the next session that is free, and locks it.</summary>
    /// <param name="upTo">How long to wait for it.</param>
    /// <returns>The session, to be passed to <see cref="WorkAsync"/>; null if there was none.</returns>
    /// <exception cref="ServiceBusException">The queue cannot be reached.</exception>
    /// <exception cref="QueueJobConfigurationException">The queue has no sessions.</exception>
    public async Task<HeldSession?> AcceptAsync(TimeSpan upTo)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var accept = AcceptAsync(waiting.Token);
        if (_reached is null or { IsCompleted: true, IsCompletedSuccessfully: false })
        {
            _reached = ReachAsync();
        }

        // The time counts from when the queue can be asked: the first connection may take longer than an empty queue is waited for.
        await Task.WhenAny(accept, _reached).ConfigureAwait(false);
        if (!accept.IsCompleted && _reached.IsCompletedSuccessfully)
        {
            await Task.WhenAny(accept, Task.Delay(upTo < LongestWait ? upTo : LongestWait, _time, waiting.Token)).ConfigureAwait(false);
        }

        await waiting.CancelAsync().ConfigureAwait(false);
        var session = await accept.ConfigureAwait(false);
        if (session is null && !_stop.IsCancellationRequested)
        {
            // An unreachable queue gives nothing either, and is not an empty one.
            await ReachAsync().ConfigureAwait(false);
            _isAskedInVain = true;
        }

        return session;
    }

    /// <summary>Handles the messages of a session until it is empty, or the execution takes no more; then closes it.</summary>
    /// <exception cref="ServiceBusException">The session could not be read, and not because it is lost.</exception>
    public async Task WorkAsync(HeldSession session)
    {
        using var scope = _logger.BeginScope(new Dictionary<string, object> { ["SessionId"] = session.Receiver.SessionId });
        var messages = 0;

        // It was given because it has messages: the first may take as long as any other message of the queue.
        var wait = _limits.IdleTime;
        try
        {
            do
            {
                if (await ReceiveAsync(session, wait).ConfigureAwait(false) is not { } message)
                {
                    if (messages == 0)
                    {
                        GaveNothing(session);
                    }

                    break;
                }

                messages++;
                var outcome = await ProcessAsync(session, message).ConfigureAwait(false);
                if (outcome == JobOutcome.LockLost || outcome == JobOutcome.GivenBack)
                {
                    // The message comes again, and those behind it must not come before it.
                    break;
                }

                wait = _sessionIdleTime;
            }
            while (TryTake());
        }
        catch (Exception e) when (SessionLockKeeper.IsLoss(session.Receiver, e))
        {
            _logger.SessionLost(e, session.Receiver.SessionId);
        }
        finally
        {
            await CloseAsync(session).ConfigureAwait(false);
            _logger.SessionLeft(session.Receiver.SessionId, messages.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>From now on, sessions take no further message.</summary>
    public Task StopTakingAsync() => _stop.CancelAsync();

    /// <summary>Closes what is still held: the sessions of handlers that do not end.</summary>
    public async ValueTask DisposeAsync()
    {
        HeldSession[] held;
        lock (_lock)
        {
            held = [.. _held];
        }

        await StopTakingAsync().ConfigureAwait(false);
        foreach (var session in held)
        {
            await CloseAsync(session).ConfigureAwait(false);
        }

        if (_reached is not null)
        {
            // A session that came first made it needless; it ends before its receiver does.
            await _reached.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _stop.Dispose();
    }

    private async Task<HeldSession?> AcceptAsync(CancellationToken cancellationToken)
    {
        try
        {
            var session = Hold(await _queue.AcceptNextSessionAsync(_receiverOptions, cancellationToken).ConfigureAwait(false));

            // Its first message is taken here and not by the hand: the pump must know of it before it decides again.
            if (TryTake())
            {
                return session;
            }

            await CloseAsync(session).ConfigureAwait(false);
            return null;
        }
        catch (ServiceBusException e) when (e.Reason == ServiceBusFailureReason.ServiceTimeout)
        {
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (InvalidOperationException e) when (e is not ObjectDisposedException)
        {
            if (_refusal is not null)
            {
                // It was not for want of a session that the queue refused.
                ExceptionDispatchInfo.Throw(_refusal);
            }

            throw new QueueJobConfigurationException(
                $"{QueueJobOptions.Section}:{nameof(QueueJobOptions.RequiresSession)} is true, but '{_queue.Path}' cannot be received from "
                + $"by session. If it has no sessions, leave the option out. {e.Message}",
                e);
        }
    }

    // Browsing needs no session and takes nothing.
    private async Task ReachAsync() => await _browser.PeekMessageAsync(cancellationToken: _stop.Token).ConfigureAwait(false);

    private HeldSession Hold(ServiceBusSessionReceiver receiver)
    {
        _logger.SessionAccepted(receiver.SessionId);
        var session = new HeldSession(receiver, SessionLockKeeper.Start(receiver, _time, _logger));
        lock (_lock)
        {
            _held.Add(session);
        }

        return session;
    }

    private bool TryTake()
    {
        lock (_lock)
        {
            if (_stop.IsCancellationRequested || TimeLeft() <= TimeSpan.Zero || _taken >= (_limits.MessageBudget ?? int.MaxValue))
            {
                return false;
            }

            _taken++;
            return true;
        }
    }

    private TimeSpan TimeLeft() => _limits.TimeBudget - _time.GetElapsedTime(_start);

    private async Task<ServiceBusReceivedMessage?> ReceiveAsync(HeldSession session, TimeSpan wait)
    {
        var isTaken = false;
        try
        {
            var left = TimeLeft();
            var upTo = wait < left ? wait : left > ShortestWait ? left : ShortestWait;
            var messages = await session.Receiver.ReceiveMessagesAsync(1, upTo, _stop.Token).ConfigureAwait(false);

            // What came as the execution was told to stop goes back with its session.
            isTaken = messages.Count > 0 && !_stop.IsCancellationRequested;
            return isTaken ? messages[0] : null;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            if (isTaken)
            {
                Worked();
            }
            else
            {
                lock (_lock)
                {
                    _taken--;
                }
            }
        }
    }

    private async Task<JobOutcome> ProcessAsync(HeldSession session, ServiceBusReceivedMessage message)
    {
        Interlocked.Increment(ref _busy);
        try
        {
            return await _processor.ProcessAsync(session.Receiver, message, _giveBack, session.Lock).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _busy);
            Worked();
        }
    }

    private void Worked()
    {
        Volatile.Write(ref _lastWork, _time.GetTimestamp());
        _isAskedInVain = false;
        lock (_lock)
        {
            _empty.Clear();
        }
    }

    // A session that has nothing to give, but is given again and again, must not keep the execution.
    private void GaveNothing(HeldSession session)
    {
        lock (_lock)
        {
            _isAskedInVain |= !_empty.Add(session.Receiver.SessionId);
        }
    }

    private async Task CloseAsync(HeldSession session)
    {
        lock (_lock)
        {
            if (!_held.Remove(session))
            {
                return;
            }
        }

        await session.Lock.DisposeAsync().ConfigureAwait(false);
        try
        {
            await session.Receiver.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _logger.SessionNotClosed(e, session.Receiver.SessionId);
        }
    }
}

/// <summary>A session that this execution holds.</summary>
/// <param name="Receiver">The receiver of its messages.</param>
/// <param name="Lock">Keeps its lock.</param>
internal sealed record HeldSession(ServiceBusSessionReceiver Receiver, SessionLockKeeper Lock);
