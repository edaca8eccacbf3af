namespace KedaJobs.ServiceBus.Entities;

/// <summary>
/// A receiver at a queue. The queue decides under its lock what the receiver gets and posts it here; it is handed over outside the lock,
/// in order, by one thread at a time.
/// </summary>
internal abstract class Consumer
{
    private readonly Lock _outboxGate = new();
    private List<Posted> _outbox = [];
    private List<Posted> _dispatching = [];
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

    /// <summary>Whether another receiver may take the session over.</summary>
    internal bool IsNonExclusive { get; init; }

    /// <summary>The token that the receiver shows to take a session over; then the one of the session that it was given, or null.</summary>
    internal Guid? TakeOverToken { get; set; }

    /// <summary>Up to how many messages, counted from the beginning and modulo 2^32, the receiver is ready to take.</summary>
    internal uint Limit { get; set; }

    /// <summary>How many messages were posted to it, and how much credit it gave up, modulo 2^32: AMQP's delivery-count.</summary>
    internal uint Assigned { get; set; }

    /// <summary>How many more messages the receiver is ready to take.</summary>
    internal int Credit => Math.Max(0, unchecked((int)(Limit - Assigned)));

    /// <summary>Whether the receiver is gone, though the queue was not told yet. May become true at any time.</summary>
    internal virtual bool IsGone => false;

    /// <summary>Whether credit that finds no message is to be given up.</summary>
    internal bool Draining { get; set; }

    /// <summary>Whether the receiver had no room for a message (<see cref="TryReserve"/>), and has not said yet that it has.</summary>
    internal bool Paused { get; set; }

    /// <summary>Whether the receiver may be given a message now.</summary>
    internal bool IsReady => Credit > 0 && !Paused;

    internal LinkedListNode<Consumer>? ReadyNode { get; set; }

    /// <summary>The next consumer to wake at the end of the queue's turn.</summary>
    internal Consumer? NextWake { get; set; }

    /// <summary>
    /// Sets room aside for a message that the receiver is about to be given. Where it has none, it calls <see cref="SubQueue.Resume"/> when
    /// it may have again. Called under the queue's lock, which it must not wait for anything under.
    /// </summary>
    internal virtual bool TryReserve(BrokerMessage message) => true;

    /// <summary>Hands over what was posted. Called outside the queue's lock.</summary>
    internal void Pump()
    {
        while (true)
        {
            lock (_outboxGate)
            {
                _dispatching.Clear();
                if (_outbox.Count == 0)
                {
                    _scheduled = false;
                    return;
                }

                (_outbox, _dispatching) = (_dispatching, _outbox);
            }

            DispatchAll();
            OnHandedOver();
        }
    }

    /// <returns>Whether the caller has to see to it that <see cref="Pump"/> is called.</returns>
    internal bool PostDelivery(in MessageSnapshot message) => Post(new Posted(PostedKind.Delivery) { Message = message });

    /// <inheritdoc cref="PostDelivery"/>
    internal bool PostDrained() => Post(new Posted(PostedKind.Drained) { DeliveryCount = Assigned });

    /// <inheritdoc cref="PostDelivery"/>
    internal bool PostSessionGranted(string sessionId, DateTime lockedUntil) =>
        Post(new Posted(PostedKind.SessionGranted) { SessionId = sessionId, LockedUntil = lockedUntil });

    /// <inheritdoc cref="PostDelivery"/>
    internal bool PostSessionWaitEnded() => Post(new Posted(PostedKind.SessionWaitEnded));

    /// <inheritdoc cref="PostDelivery"/>
    internal bool PostDetached(DetachReason reason) => Post(new Posted(PostedKind.Detached) { Reason = reason });

    protected abstract void OnDelivery(in MessageSnapshot message);

    /// <summary>Credit that found no message was given up.</summary>
    /// <param name="deliveryCount">The delivery count that all credit is used up with.</param>
    protected abstract void OnDrained(uint deliveryCount);

    /// <summary>All that was posted so far is handed over.</summary>
    protected virtual void OnHandedOver()
    {
    }

    /// <summary>A wait for any free session ended with one.</summary>
    protected abstract void OnSessionGranted(string sessionId, DateTime lockedUntil);

    /// <summary>A wait for any free session ended without one.</summary>
    protected abstract void OnSessionWaitEnded();

    protected abstract void OnDetached(DetachReason reason);

    private void DispatchAll()
    {
        var done = 0;
        try
        {
            for (; done < _dispatching.Count; done++)
            {
                Dispatch(_dispatching[done]);
            }
        }
        catch
        {
            // The rest comes with whatever is posted next.
            lock (_outboxGate)
            {
                _outbox.InsertRange(0, _dispatching[(done + 1)..]);
                _scheduled = false;
            }

            throw;
        }
    }

    private void Dispatch(in Posted posted)
    {
        switch (posted.Kind)
        {
            case PostedKind.Delivery:
                OnDelivery(posted.Message);
                break;
            case PostedKind.Drained:
                OnDrained(posted.DeliveryCount);
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

    private bool Post(in Posted posted)
    {
        lock (_outboxGate)
        {
            _outbox.Add(posted);
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

        public uint DeliveryCount { get; init; }

        public string? SessionId { get; init; }

        public DateTime LockedUntil { get; init; }

        public DetachReason Reason { get; init; }
    }
}
