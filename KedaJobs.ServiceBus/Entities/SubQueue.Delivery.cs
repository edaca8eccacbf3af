namespace KedaJobs.ServiceBus.Entities;

/// <summary>Receivers, and which of them gets which message.</summary>
internal sealed partial class SubQueue
{
    /// <summary>Adds a receiver of any message. A queue with sessions refuses: see <see cref="AttachSession"/>.</summary>
    public AttachOutcome Attach(Consumer consumer, DateTime now)
    {
        using var turn = Entity.Begin(now);
        if (CheckAttachUnderLock(HasSessions) is { } refused)
        {
            return refused;
        }

        Entity.TouchUnderLock(now);
        consumer.Queue = this;
        _consumers.Add(consumer);
        return AttachOutcome.Attached;
    }

    /// <summary>
    /// Removes a receiver. What it has locked stays locked until it settles or the lock lapses; a session is given up, with its messages.
    /// </summary>
    public void Detach(Consumer consumer, DateTime now)
    {
        using var turn = Entity.Begin(now);
        Entity.TouchUnderLock(now);
        RemoveConsumerUnderLock(consumer, now);
    }

    /// <summary>
    /// Sets up to how many messages, counted from the beginning and modulo 2^32, the receiver is ready to take; with
    /// <paramref name="drain"/>, what finds no message now is given up.
    /// </summary>
    public void SetLimit(Consumer consumer, uint limit, bool drain, DateTime now)
    {
        using var turn = Entity.Begin(now);
        if (!_consumers.Contains(consumer))
        {
            return;
        }

        consumer.Limit = limit;
        if (drain && !consumer.Draining)
        {
            consumer.Draining = true;
            _draining.Add(consumer);
        }

        UpdateReadyUnderLock(consumer);
    }

    /// <summary>Goes on with a receiver that had no room (<see cref="Consumer.TryReserve"/>) and may have now.</summary>
    public void Resume(Consumer consumer, DateTime now)
    {
        using var turn = Entity.Begin(now);
        if (consumer.Paused && _consumers.Contains(consumer))
        {
            consumer.Paused = false;
            UpdateReadyUnderLock(consumer);
        }
    }

    /// <summary>Takes back a message that was given to a receiver but could not be handed to its connection.</summary>
    public void Undeliver(in MessageSnapshot delivery, ReceiveMode mode, DateTime now)
    {
        using var turn = Entity.Begin(now);
        if (Entity.IsDeleted)
        {
            return;
        }

        if (mode == ReceiveMode.PeekLock)
        {
            if (FindLockedUnderLock(delivery.LockToken) is { } locked)
            {
                UnlockUnderLock(locked, countAttempt: false, now);
            }

            return;
        }

        var message = new BrokerMessage(delivery.Content)
        {
            SequenceNumber = delivery.SequenceNumber,
            EnqueuedSequenceNumber = delivery.EnqueuedSequenceNumber,
            EnqueuedTime = delivery.EnqueuedTime,
            DeliveryCount = delivery.DeliveryCount,
            DeadLetterSource = delivery.DeadLetterSource,
        };
        message.ExpiresAt = ExpiryOfUnderLock(message);
        AddUnderLock(message);
        Entity.Journal.Added(this, message);
        MakeAvailableUnderLock(message, isNew: false);
    }

    /// <summary>Hands available messages to receivers in turn, oldest message first, then ends drains.</summary>
    internal void DispatchUnderLock(DateTime now)
    {
        if (_dirty)
        {
            _dirty = false;
            if (HasSessions)
            {
                DispatchSessionsUnderLock(now);
            }
            else
            {
                DispatchAnyUnderLock(now);
            }
        }

        if (_dirty || Entity.HasMoreDue)
        {
            // What the next turn does can bring messages for a receiver that drains.
            return;
        }

        foreach (var consumer in _draining)
        {
            // At once, also where there are messages for which the receiver has no room.
            consumer.Draining = false;
            consumer.Assigned = consumer.Limit;
            UpdateReadyUnderLock(consumer);
            Entity.WakeUnderLock(consumer, consumer.PostDrained());
        }

        _draining.Clear();
    }

    internal void DetachAllUnderLock(DetachReason reason)
    {
        foreach (var consumer in _consumers.ToList())
        {
            RemoveConsumerUnderLock(consumer, Entity.Now);
            Entity.WakeUnderLock(consumer, consumer.PostDetached(reason));
        }

        EndSessionWaitsUnderLock(reason);
    }

    private AttachOutcome? CheckAttachUnderLock(bool mismatch)
    {
        if (Entity.IsDeleted)
        {
            return AttachOutcome.QueueDeleted;
        }

        if (Entity.Options.Status is EntityStatus.Disabled or EntityStatus.ReceiveDisabled)
        {
            return AttachOutcome.Disabled;
        }

        if (Kind == SubQueueKind.Main && Entity.ForwardsTo is not null)
        {
            return AttachOutcome.Forwards;
        }

        return mismatch ? AttachOutcome.SessionMismatch : null;
    }

    private void RemoveConsumerUnderLock(Consumer consumer, DateTime now, bool lockLapsed = false)
    {
        _consumers.Remove(consumer);
        _draining.Remove(consumer);
        consumer.Limit = consumer.Assigned;
        UpdateReadyUnderLock(consumer);
        if (consumer.Session is not null)
        {
            ReleaseSessionUnderLock(consumer.Session, lockLapsed, now);
        }

        RemoveWaiterUnderLock(consumer);
    }

    private void UpdateReadyUnderLock(Consumer consumer)
    {
        var ready = consumer.IsReady;
        if (consumer.Session is { } session)
        {
            if (ready)
            {
                MarkDirtyUnderLock(session);
            }

            return;
        }

        if (ready && consumer.ReadyNode is null)
        {
            consumer.ReadyNode = _ready.AddLast(consumer);
            _dirty = true;
        }
        else if (!ready && consumer.ReadyNode is { } node)
        {
            _ready.Remove(node);
            consumer.ReadyNode = null;
        }
    }

    private void DispatchAnyUnderLock(DateTime now)
    {
        while (_ready.First is { } node && PeekLiveUnderLock(_available, now) is { } message)
        {
            var consumer = node.Value;
            _ready.RemoveFirst();
            if (TryDeliverUnderLock(_available, message, consumer, now) && consumer.IsReady)
            {
                _ready.AddLast(node);
            }
            else
            {
                consumer.ReadyNode = null;
            }
        }
    }

    private BrokerMessage? PeekLiveUnderLock(AvailableMessages lane, DateTime now)
    {
        while (lane.Peek() is { } message)
        {
            if (message.ExpiresAt > now)
            {
                return message;
            }

            if (!Entity.TryDoOneMoreUnderLock())
            {
                _dirty = true;
                return null;
            }

            lane.Take();
            ExpireUnderLock(message);
        }

        return null;
    }

    /// <summary>Gives a message to a receiver, unless it has no room.</summary>
    private bool TryDeliverUnderLock(AvailableMessages lane, BrokerMessage message, Consumer consumer, DateTime now)
    {
        if (!consumer.TryReserve(message))
        {
            consumer.Paused = true;
            return false;
        }

        lane.Take();
        DeliverUnderLock(message, consumer, now);
        return true;
    }

    private void DeliverUnderLock(BrokerMessage message, Consumer consumer, DateTime now)
    {
        consumer.Assigned++;
        if (consumer.Mode == ReceiveMode.PeekLock)
        {
            LockMessageUnderLock(message, now);
            Entity.WakeUnderLock(consumer, consumer.PostDelivery(message.Snapshot()));
        }
        else
        {
            var snapshot = message.Snapshot();
            RemoveForGoodUnderLock(message);
            Entity.WakeUnderLock(consumer, consumer.PostDelivery(snapshot));
        }
    }

    private void LockMessageUnderLock(BrokerMessage message, DateTime now)
    {
        message.Place = MessagePlace.Locked;
        message.LockNumber = Entity.LockTokens.Next();
        if (message.Session is { } session)
        {
            session.AddLocked(message);
            Entity.Deadlines.Clear(message);
        }
        else
        {
            Entity.Deadlines.Set(message, Deadline.After(now, Entity.Options.LockDuration));
        }

        Entity.Journal.Delivering(this, message);
        if (Kind == SubQueueKind.Main)
        {
            Entity.Observer?.Locked(Entity.Name, message.SequenceNumber, now);
        }
    }
}
