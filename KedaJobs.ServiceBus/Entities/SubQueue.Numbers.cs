namespace KedaJobs.ServiceBus.Entities;

/// <summary>What is done by sequence number: peeking, deferred and scheduled messages; and deletion in bulk.</summary>
internal sealed partial class SubQueue
{
    /// <summary>How many messages Service Bus deletes in one call.</summary>
    private const int MaxBatchDelete = 4000;

    /// <summary>
    /// Up to <paramref name="count"/> messages from a number on, in whatever state, without locking any; only those of a session if one is named.
    /// </summary>
    public IReadOnlyList<MessageSnapshot> Peek(long fromSequenceNumber, int count, string? sessionId, DateTime now)
    {
        using var turn = Entity.Begin(now);
        Entity.Touch(now);
        var found = new List<MessageSnapshot>(Math.Min(count, _messages.Count));
        foreach (var message in _messages.From(Math.Max(0, fromSequenceNumber)))
        {
            if (found.Count == count)
            {
                break;
            }

            if (message.Place != MessagePlace.Transferring && (sessionId is null || message.Content.SessionId == sessionId))
            {
                found.Add(message.Snapshot());
            }
        }

        return found;
    }

    /// <summary>Receives deferred messages: all of the numbers, or none.</summary>
    public NumberOutcome ReceiveDeferred(
        ReadOnlySpan<long> sequenceNumbers, ReceiveMode mode, string? sessionId, DateTime now, out IReadOnlyList<MessageSnapshot> received)
    {
        using var turn = Entity.Begin(now);
        Entity.Touch(now);
        received = [];
        if (Entity.IsDeleted)
        {
            return NumberOutcome.QueueDeleted;
        }

        if (Entity.Options.Status is EntityStatus.Disabled or EntityStatus.ReceiveDisabled)
        {
            return NumberOutcome.Disabled;
        }

        if (HasSessions && (sessionId is null || FindHeld(sessionId) is null))
        {
            return NumberOutcome.SessionLockLost;
        }

        var chosen = new List<BrokerMessage>(sequenceNumbers.Length);
        foreach (var number in sequenceNumbers)
        {
            if (_messages.Find(number) is not { State: MessageState.Deferred, Place: MessagePlace.Aside } message
                || (HasSessions && message.Content.SessionId != sessionId)
                || chosen.Contains(message))
            {
                return NumberOutcome.NotFound;
            }

            chosen.Add(message);
        }

        var snapshots = new List<MessageSnapshot>(chosen.Count);
        foreach (var message in chosen)
        {
            if (mode == ReceiveMode.PeekLock)
            {
                Lock(message, now);
                snapshots.Add(message.Snapshot());
            }
            else
            {
                snapshots.Add(message.Snapshot());
                RemoveForGood(message);
            }
        }

        received = snapshots;
        return NumberOutcome.Done;
    }

    /// <summary>Takes back scheduled messages: all of the numbers, or none.</summary>
    public NumberOutcome CancelScheduled(ReadOnlySpan<long> sequenceNumbers, DateTime now)
    {
        using var turn = Entity.Begin(now);
        Entity.Touch(now);
        if (Entity.IsDeleted)
        {
            return NumberOutcome.QueueDeleted;
        }

        foreach (var number in sequenceNumbers)
        {
            if (_messages.Find(number) is not { State: MessageState.Scheduled })
            {
                return NumberOutcome.NotFound;
            }
        }

        foreach (var number in sequenceNumbers)
        {
            if (_messages.Find(number) is { } message)
            {
                RemoveForGood(message);
            }
        }

        return NumberOutcome.Done;
    }

    /// <summary>Deletes available messages that were enqueued at a time or before, oldest first.</summary>
    /// <returns>How many.</returns>
    public int DeleteBatch(int count, DateTime enqueuedUntil, string? sessionId, DateTime now)
    {
        using var turn = Entity.Begin(now);
        Entity.Touch(now);
        var chosen = _messages.From(0)
            .Where(message => message.Place is MessagePlace.Fresh or MessagePlace.Returned
                && message.EnqueuedTime <= enqueuedUntil
                && (sessionId is null || message.Content.SessionId == sessionId))
            .Take(Math.Min(count, MaxBatchDelete))
            .ToList();
        foreach (var message in chosen)
        {
            RemoveForGood(message);
        }

        return chosen.Count;
    }

    /// <summary>A scheduled message becomes active: it arrives now, under a number of its own.</summary>
    private void Activate(BrokerMessage message, DateTime now)
    {
        if (Entity.Topic is not null)
        {
            // It goes to the subscriptions, and nothing of it stays here.
            RemoveForGood(message);
        }
        else
        {
            Extract(message);
            Entity.Journal.Left(this, message.SequenceNumber);
        }

        message.SequenceNumber = Entity.NextSequenceNumber();
        message.EnqueuedTime = now;
        AddActive(message);
    }
}
