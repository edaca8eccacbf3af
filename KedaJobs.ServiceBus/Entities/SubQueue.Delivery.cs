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

    /// <summary>Stops or resumes giving messages to a receiver, whatever its credit.</summary>
    public void SetPaused(Consumer consumer, bool paused, DateTime now)
    {
        using var turn = Entity.Begin(now);
        if (_consumers.Contains(consumer))
        {
            consumer.Paused = paused;
            UpdateReady(consumer);
        }
    }

    /// <summary>Goes on with a receiver that has been handed all that was posted to it.</summary>
    internal void Continue(Consumer consumer)
    {
        using var turn = Entity.Begin(Entity.Now);
        consumer.ClearBacklog();
        if (_consumers.Contains(consumer))
        {
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

        for (var index = _draining.Count - 1; index >= 0; index--)
        {
            // There may be more for one that is held back; it is drained when it has got that.
            if (_draining[index] is { IsHeldBack: false } consumer)
            {
                _draining.RemoveAt(index);
                consumer.Draining = false;
                consumer.Limit = consumer.Assigned;
                UpdateReady(consumer);
                Entity.Wake(consumer, consumer.PostDrained());
            }
        }
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
        while (_ready.First is { } node && TakeLive(_available, now) is { } message)
        {
            var consumer = node.Value;
            Deliver(message, consumer, now);
            _ready.RemoveFirst();
            if (consumer.IsReady)
            {
                _ready.AddLast(node);
            }
            else
            {
                consumer.ReadyNode = null;
            }
        }
    }

    private BrokerMessage? TakeLive(AvailableMessages lane, DateTime now)
    {
        while (lane.Take() is { } message)
        {
            if (message.ExpiresAt > now)
            {
                return message;
            }

            Expire(message);
        }

        return null;
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
        message.LockToken = Entity.NewLockToken(message.SequenceNumber);
        if (message.Session is { } session)
        {
            session.AddLocked(message);
            Entity.Deadlines.Clear(message);
        }
        else
        {
            message.LockedUntil = Deadline.After(now, Entity.Options.LockDuration);
            Entity.Deadlines.Set(message, message.LockedUntil);
        }

        Entity.Journal.Delivering(this, message);
    }
}
