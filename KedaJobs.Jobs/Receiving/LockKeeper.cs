using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Jobs.Receiving;

/// <summary>Keeps a lock while it is needed, and says when it is lost or when its time is up.</summary>
internal abstract class LockKeeper(TimeProvider time) : IAsyncDisposable
{
    /// <summary>Also the pace when the machine's clock runs ahead of the service's and every lock looks expired.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    /// <summary>A timer takes 49 days at most.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _done = new();
    private readonly Lock _lock = new();
    private readonly long _start = time.GetTimestamp();
    private ITimer? _timer;
    private TimeSpan _atMost;
    private Task _call = Task.CompletedTask;
    private bool _isLost;
    private bool _isDone;

    /// <summary>Canceled when the lock is held no longer, or will not be renewed any more.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Another receiver may have what was locked.</summary>
    public virtual bool IsLost => _isLost;

    /// <summary>The message took longer than its lock is renewed.</summary>
    public bool IsOverdue { get; private set; }

    protected abstract DateTimeOffset LockedUntil { get; }

    protected TimeProvider Time => time;

    /// <summary>
    /// Begins to renew the lock of a message. A lock that looks expired already, as that of a message that was fetched ahead may, is
    /// renewed first: look at <see cref="IsLost"/>.
    /// </summary>
    public static async Task<LockKeeper> StartAsync(
        ServiceBusReceiver receiver, ServiceBusReceivedMessage message, TimeSpan atMost, TimeProvider time, ILogger logger)
    {
        var keeper = new MessageLockKeeper(receiver, message, time, logger);
        if (message.LockedUntil <= time.GetUtcNow())
        {
            await keeper.TryRenewAsync().ConfigureAwait(false);
        }

        keeper.Begin(atMost);
        return keeper;
    }

    /// <summary>
    /// Ends the renewal; a call under way ends first, so that it cannot meet the settlement. May be called more than once.
    /// </summary>
    public virtual ValueTask DisposeAsync()
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

    protected abstract Task RenewLockAsync(CancellationToken cancellationToken);

    /// <summary>Whether this error of a renewal means that the lock is lost, and not that it could not be renewed now.</summary>
    protected abstract bool IsLoss(Exception error);

    protected abstract void LogRenewed();

    protected abstract void LogRenewalFailed(Exception error);

    // A timer and no loop: most messages are done before their first renewal, and then nothing has run and nothing is canceled.
    protected void Begin(TimeSpan atMost)
    {
        if (IsLost)
        {
            _ended.Cancel();
            return;
        }

        _atMost = atMost;
        _timer = time.CreateTimer(
            static keeper => ((LockKeeper)keeper!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Next(HalfOfWhatIsLeft());
    }

    protected void End() => _ended.Cancel();

    private void Next(TimeSpan pause)
    {
        var left = _atMost - time.GetElapsedTime(_start);
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
        if (time.GetElapsedTime(_start) >= _atMost)
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
            await RenewLockAsync(_done.Token).ConfigureAwait(false);
            LogRenewed();
            return true;
        }
        catch (Exception e) when (IsLoss(e))
        {
            _isLost = true;
            return false;
        }
        catch (OperationCanceledException) when (_done.IsCancellationRequested)
        {
            // The lock is no longer needed.
            return false;
        }
        catch (Exception e)
        {
            // Also a cancellation that is not ours: the client cancels calls when its connection or link ends. The lock may still hold:
            // only the service knows, and the settlement will say.
            LogRenewalFailed(e);
            return false;
        }
    }

    private TimeSpan HalfOfWhatIsLeft()
    {
        var half = (LockedUntil - time.GetUtcNow()) / 2;
        return half < ShortestPause ? ShortestPause : half < LongestPause ? half : LongestPause;
    }

    private sealed class MessageLockKeeper(
        ServiceBusReceiver receiver, ServiceBusReceivedMessage message, TimeProvider time, ILogger logger) : LockKeeper(time)
    {
        protected override DateTimeOffset LockedUntil => message.LockedUntil;

        protected override Task RenewLockAsync(CancellationToken cancellationToken) =>
            receiver.RenewMessageLockAsync(message, cancellationToken);

        protected override bool IsLoss(Exception error) =>
            error is ServiceBusException { Reason: ServiceBusFailureReason.MessageLockLost or ServiceBusFailureReason.MessageNotFound };

        protected override void LogRenewed() => logger.Renewed(message.MessageId, message.LockedUntil);

        protected override void LogRenewalFailed(Exception error) => logger.RenewalFailed(error, message.MessageId);
    }
}
