namespace KedaJobs.ServiceBus.Entities;

/// <summary>
/// A receiver at a queue. The queue decides under its lock what the receiver gets and posts it here; it is handed over outside the lock,
/// in order, by one thread at a time.
/// </summary>
internal abstract class Consumer
{
    /// <summary>
    /// How many bytes are posted at a time. A receiver with a huge credit would else get the whole queue in one turn, before its connection could say
    /// that it has enough.
    /// </summary>
    private const int MaxBacklog = 1024 * 1024;

    /// <summary>What a posted message takes at least, in bytes.</summary>
    private const int LeastBacklog = 1024;

    private readonly Queue<Posted> _outbox = new();
    private bool _scheduled;
    private int _backlog;
    private volatile bool _isHeldBack;

    private enum PostedKind : byte
    {
        None,
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

    /// <summary>Whether what was posted has to be handed over before more may be.</summary>
    internal bool IsHeldBack => _isHeldBack;

    /// <summary>Whether the receiver may be given a message now.</summary>
    internal bool IsReady => Credit > 0 && !Paused && !_isHeldBack;

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
                if (!_outbox.TryDequeue(out posted) && !_isHeldBack)
                {
                    _scheduled = false;
                    return;
                }
            }

            if (posted.Kind == PostedKind.None)
            {
                Queue!.Continue(this);
                continue;
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
    internal bool PostDelivery(in MessageSnapshot message)
    {
        _backlog += Math.Max(message.Content.Size, LeastBacklog);
        _isHeldBack = _backlog >= MaxBacklog;
        return Post(new Posted(PostedKind.Delivery) { Message = message });
    }

    /// <summary>All that was posted is handed over. Called under the queue's lock.</summary>
    internal void ClearBacklog() => (_backlog, _isHeldBack) = (0, false);

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
