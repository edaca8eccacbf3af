namespace KedaJobs.ServiceBus.Entities;

/// <summary>Calls a queue when something is due there: one timer, always set to the earliest deadline.</summary>
internal sealed class QueueTimer : IDisposable
{
    // Timers do not take longer periods; waking up early does no harm.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly QueueEntity _queue;
    private readonly ITimer _timer;
    private DateTime _armed = DateTime.MaxValue;

    public QueueTimer(QueueEntity queue, TimeProvider time)
    {
        _queue = queue;
        _time = time;
        _timer = time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Calls the queue at this time, if not earlier. Two threads may come in either order.</summary>
    public void Arm(DateTime due)
    {
        lock (_gate)
        {
            if (due >= _armed)
            {
                return;
            }

            _armed = due;
            var wait = due - _time.GetUtcNow().UtcDateTime;
            wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;

            // Round up: a timer that fires a fraction of a millisecond early would find nothing due and be set again at once.
            _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Fire()
    {
        lock (_gate)
        {
            _armed = DateTime.MaxValue;
        }

        _queue.Advance(_time.UtcNow());
    }
}
