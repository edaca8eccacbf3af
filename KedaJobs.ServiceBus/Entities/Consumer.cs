namespace KedaJobs.ServiceBus.Entities;

/// <summary>
/// A receiver at a queue. The queue decides under its lock what the receiver gets and posts it here; it is handed over outside the lock,
/// in order, by one thread at a time.
/// </summary>
internal abstract class Consumer
{
    private readonly Queue<Posted> _outbox = new();
    private bool _scheduled;

    private enum PostedKind : byte
    {
        Delivery,
        Drained,
        SessionGranted,
        SessionWaitEnded,
        Detached,
    }

    // The following are the queue's, guarded by its lock.

    public ReceiveMode Mode { get; init; }

    internal SubQueue? Queue { get; set; }

    internal Session? Session { get; set; }

    /// <summary>Up to how many messages, counted from the beginning and modulo 2^32, the receiver is ready to take.</summary>
    internal uint Limit { get; set; }

    /// <summary>How many messages were posted to it, modulo 2^32.</summary>
    internal uint Assigned { get; set; }

    /// <summary>How many more messages the receiver is ready to take.</summary>
    internal int Credit => Math.Max(0, unchecked((int)(Limit - Assigned)));

    /// <summary>Whether the receiver is gone, though the queue was not told yet. May become true at any time.</summary>
    internal virtual bool IsGone => false;

    /// <summary>Whether credit that finds no message is to be given up.</summary>
    internal bool Draining { get; set; }

    /// <summary>Whether the receiver's connection has too much unsent.</summary>
    internal bool Paused { get; set; }

    internal LinkedListNode<Consumer>? ReadyNode { get; set; }

    /// <summary>The next consumer to wake at the end of the queue's turn.</summary>
    internal Consumer? NextWake { get; set; }

    /// <summary>Hands over what was posted. Called outside the queue's lock.</summary>
    internal void Pump()
    {
        while (true)
        {
            Posted posted;
            lock (_outbox)
            {
                if (!_outbox.TryDequeue(out posted))
                {
                    _scheduled = false;
                    return;
                }
            }

            switch (posted.Kind)
            {
                case PostedKind.Delivery:
                    OnDelivery(posted.Message);
                    break;
                case PostedKind.Drained:
                    OnDrained();
                    break;
                case PostedKind.SessionGranted:
                    OnSessionGranted(posted.SessionId!, posted.LockedUntil);
                    break;
                case PostedKind.SessionWaitEnded:
                    OnSessionWaitEnded();
                    break;
                default:
                    OnDetached(posted.Reason);
                    break;
            }
        }
    }

    /// <returns>Whether the caller has to see to it that <see cref="Pump"/> is called.</returns>
    internal bool PostDelivery(in MessageSnapshot message) => Post(new Posted(PostedKind.Delivery) { Message = message });

    /// <inheritdoc cref="PostDelivery"/>
    internal bool PostDrained() => Post(new Posted(PostedKind.Drained));

    /// <inheritdoc cref="PostDelivery"/>
    internal bool PostSessionGranted(string sessionId, DateTime lockedUntil) =>
        Post(new Posted(PostedKind.SessionGranted) { SessionId = sessionId, LockedUntil = lockedUntil });

    /// <inheritdoc cref="PostDelivery"/>
    internal bool PostSessionWaitEnded() => Post(new Posted(PostedKind.SessionWaitEnded));

    /// <inheritdoc cref="PostDelivery"/>
    internal bool PostDetached(DetachReason reason) => Post(new Posted(PostedKind.Detached) { Reason = reason });

    protected abstract void OnDelivery(in MessageSnapshot message);

    protected abstract void OnDrained();

    /// <summary>A wait for any free session ended with one.</summary>
    protected abstract void OnSessionGranted(string sessionId, DateTime lockedUntil);

    /// <summary>A wait for any free session ended without one.</summary>
    protected abstract void OnSessionWaitEnded();

    protected abstract void OnDetached(DetachReason reason);

    private bool Post(in Posted posted)
    {
        lock (_outbox)
        {
            _outbox.Enqueue(posted);
            if (_scheduled)
            {
                return false;
            }

            _scheduled = true;
            return true;
        }
    }

    private readonly record struct Posted(PostedKind Kind)
    {
        public MessageSnapshot Message { get; init; }

        public string? SessionId { get; init; }

        public DateTime LockedUntil { get; init; }

        public DetachReason Reason { get; init; }
    }
}
