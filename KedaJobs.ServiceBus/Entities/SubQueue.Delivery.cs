namespace KedaJobs.ServiceBus.Entities;

/// <summary>Receivers, and which of them gets which message.</summary>
internal sealed partial class SubQueue
{
    /// <summary>Adds a receiver of any message. A queue with sessions refuses: see <see cref="AttachSession"/>.</summary>
    public AttachOutcome Attach(Consumer consumer, DateTime now)
    {
        using var turn = Entity.Begin(now);
        if (CheckAttach(HasSessions) is { } refused)
        {
            return refused;
        }

        Entity.Touch(now);
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
        Entity.Touch(now);
        Remove(consumer, now);
    }

    /// <summary>
    /// Sets up to how many messages, counted from the beginning and modulo 2^32, the receiver is ready to take; with <paramref name="drain"/>, what
    /// finds no message now is given up.
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

        UpdateReady(consumer);
    }

    /// <summary>Goes on with a receiver that had no room (<see cref="Consumer.TryReserve"/>) and may have now.</summary>
    public void Resume(Consumer consumer, DateTime now)
    {
        using var turn = Entity.Begin(now);
        if (consumer.Paused && _consumers.Contains(consumer))
        {
            consumer.Paused = false;
            UpdateReady(consumer);
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
            if (FindLocked(delivery.LockToken) is { } locked)
            {
                Unlock(locked, countAttempt: false, now);
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
        message.ExpiresAt = ExpiryOf(message);
        Add(message);
        Entity.Journal.Added(this, message);
        MakeAvailable(message, isNew: false);
    }

    /// <summary>Hands available messages to receivers in turn, oldest message first, then ends drains.</summary>
    internal void Dispatch(DateTime now)
    {
        if (_dirty)
        {
            _dirty = false;
            if (HasSessions)
            {
                DispatchSessions(now);
            }
            else
            {
                DispatchAny(now);
            }
        }

        foreach (var consumer in _draining)
        {
            // At once, also where there are messages for which the receiver has no room.
            consumer.Draining = false;
            consumer.Assigned = consumer.Limit;
            UpdateReady(consumer);
            Entity.Wake(consumer, consumer.PostDrained());
        }

        _draining.Clear();
    }

    internal void DetachAll(DetachReason reason)
    {
        foreach (var consumer in _consumers.ToList())
        {
            Remove(consumer, Entity.Now);
            Entity.Wake(consumer, consumer.PostDetached(reason));
        }

        EndSessionWaits(reason);
    }

    private AttachOutcome? CheckAttach(bool mismatch)
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

    private void Remove(Consumer consumer, DateTime now, bool lockLapsed = false)
    {
        _consumers.Remove(consumer);
        _draining.Remove(consumer);
        consumer.Limit = consumer.Assigned;
        UpdateReady(consumer);
        if (consumer.Session is not null)
        {
            ReleaseSession(consumer.Session, lockLapsed, now);
        }

        RemoveWaiter(consumer);
    }

    private void UpdateReady(Consumer consumer)
    {
        var ready = consumer.IsReady;
        if (consumer.Session is { } session)
        {
            if (ready)
            {
                MarkDirty(session);
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

    private void DispatchAny(DateTime now)
    {
        while (_ready.First is { } node && PeekLive(_available, now) is { } message)
        {
            var consumer = node.Value;
            _ready.RemoveFirst();
            if (TryDeliver(_available, message, consumer, now) && consumer.IsReady)
            {
                _ready.AddLast(node);
            }
            else
            {
                consumer.ReadyNode = null;
            }
        }
    }

    private BrokerMessage? PeekLive(AvailableMessages lane, DateTime now)
    {
        while (lane.Peek() is { } message)
        {
            if (message.ExpiresAt > now)
            {
                return message;
            }

            lane.Take();
            Expire(message);
        }

        return null;
    }

    /// <summary>Gives a message to a receiver, unless it has no room.</summary>
    private bool TryDeliver(AvailableMessages lane, BrokerMessage message, Consumer consumer, DateTime now)
    {
        if (!consumer.TryReserve(message))
        {
            consumer.Paused = true;
            return false;
        }

        lane.Take();
        Deliver(message, consumer, now);
        return true;
    }

    private void Deliver(BrokerMessage message, Consumer consumer, DateTime now)
    {
        consumer.Assigned++;
        if (consumer.Mode == ReceiveMode.PeekLock)
        {
            Lock(message, now);
            Entity.Wake(consumer, consumer.PostDelivery(message.Snapshot()));
        }
        else
        {
            var snapshot = message.Snapshot();
            RemoveForGood(message);
            Entity.Wake(consumer, consumer.PostDelivery(snapshot));
        }
    }

    private void Lock(BrokerMessage message, DateTime now)
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
