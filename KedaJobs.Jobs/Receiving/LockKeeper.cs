using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Jobs.Receiving;

/// <summary>Keeps the lock of one message while it is being handled, and says when it is lost or when its time is up.</summary>
internal sealed class LockKeeper : IAsyncDisposable
{
    /// <summary>Also the pace when the machine's clock runs ahead of the service's and every lock looks expired.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _done = new();
    private readonly ServiceBusReceiver _receiver;
    private readonly ServiceBusReceivedMessage _message;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly long _start;
    private ITimer? _timer;
    private TimeSpan _atMost;
    private Task _call = Task.CompletedTask;
    private bool _isDone;

    private LockKeeper(ServiceBusReceiver receiver, ServiceBusReceivedMessage message, TimeProvider time, ILogger logger) =>
        (_receiver, _message, _time, _logger, _start) = (receiver, message, time, logger, time.GetTimestamp());

    /// <summary>Cancelled when the lock is held no longer, or will not be renewed any more.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Somebody else may have the message.</summary>
    public bool IsLost { get; private set; }

    /// <summary>The message took as long as a lock is renewed.</summary>
    public bool IsOverdue { get; private set; }

    /// <summary>
    /// Begins to renew. A lock that looks expired already, as that of a message that was fetched ahead may, is
    /// renewed first: look at <see cref="IsLost"/>.
    /// </summary>
    public static async Task<LockKeeper> StartAsync(
        ServiceBusReceiver receiver, ServiceBusReceivedMessage message, TimeSpan atMost, TimeProvider time, ILogger logger)
    {
        var renewal = new LockKeeper(receiver, message, time, logger);
        if (message.LockedUntil <= time.GetUtcNow())
        {
            await renewal.TryRenewAsync().ConfigureAwait(false);
        }

        renewal.Begin(atMost);
        return renewal;
    }

    /// <summary>
    /// Ends the renewal; a call under way ends first, so that it cannot meet the settlement. May be called more than once.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _isDone = true;
            _timer?.Dispose();
            if (_call.IsCompleted)
            {
                return default;
            }
        }

        _done.Cancel();
        return new ValueTask(_call);
    }

    // A timer and no loop: most messages are done before their first renewal, and then nothing has run and nothing is cancelled.
    private void Begin(TimeSpan atMost)
    {
        if (IsLost)
        {
            _ended.Cancel();
            return;
        }

        _atMost = atMost;
        _timer = _time.CreateTimer(
            static keeper => ((LockKeeper)keeper!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Next(HalfOfWhatIsLeft());
    }

    private void Next(TimeSpan pause)
    {
        var left = _atMost - _time.GetElapsedTime(_start);
        lock (_lock)
        {
            if (!_isDone)
            {
                _timer!.Change(pause < left ? pause : left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void OnTimer()
    {
        if (_time.GetElapsedTime(_start) >= _atMost)
        {
            IsOverdue = true;
        }

        lock (_lock)
        {
            if (!_isDone)
            {
                _call = IsOverdue ? _ended.CancelAsync() : RenewAsync();
            }
        }
    }

    private async Task RenewAsync()
    {
        var pause = await TryRenewAsync().ConfigureAwait(false) ? HalfOfWhatIsLeft() : ShortestPause;
        if (IsLost)
        {
            await _ended.CancelAsync().ConfigureAwait(false);
        }
        else
        {
            Next(pause);
        }
    }

    private async Task<bool> TryRenewAsync()
    {
        try
        {
            await _receiver.RenewMessageLockAsync(_message, _done.Token).ConfigureAwait(false);
            _logger.Renewed(_message.MessageId, _message.LockedUntil);
            return true;
        }
        catch (ServiceBusException e) when (e.Reason is ServiceBusFailureReason.MessageLockLost or ServiceBusFailureReason.MessageNotFound)
        {
            IsLost = true;
            return false;
        }
        catch (OperationCanceledException) when (_done.IsCancellationRequested)
        {
            // The message is done.
            return false;
        }
        catch (Exception e)
        {
            // Also a cancellation that is not ours: the client cancels calls when its connection or link ends. The lock may still hold:
            // only the service knows, and the settlement will say.
            _logger.RenewalFailed(e, _message.MessageId);
            return false;
        }
    }

    private TimeSpan HalfOfWhatIsLeft()
    {
        var half = (_message.LockedUntil - _time.GetUtcNow()) / 2;
        return half > ShortestPause ? half : ShortestPause;
    }
}
