namespace KedaJobs.ServiceBus.Entities;

/// <summary>What is done by sequence number: peeking, deferred and scheduled messages; and deletion in bulk.</summary>
internal sealed partial class SubQueue
{
    /// <summary>How many messages Service Bus deletes in one call.</summary>
    private const int MaxBatchDelete = 4000;

    /// <summary>
    /// How many messages are looked at in one turn: a walk over a large queue lets others use the queue in between.
    /// </summary>
    private const int MaxMessagesInTurn = 512;

    /// <summary>How many bytes a peek gives at most, unless the first message alone is larger.</summary>
    private const long MaxPeekBytes = 1024 * 1024;

    /// <summary>What a message takes of <see cref="MaxPeekBytes"/> at least, so that many empty ones do not make a long list.</summary>
    private const int MinPeekBytes = 256;

    /// <summary>
    /// Up to <paramref name="count"/> messages from a number on, in whatever state, without locking any; only those of a session if one is
    /// named. Fewer where they would be more than a megabyte: the rest comes with the next call.
    /// </summary>
    public IReadOnlyList<MessageSnapshot> Peek(long fromSequenceNumber, int count, string? sessionId, DateTime now)
    {
        var found = new List<MessageSnapshot>();
        var room = MaxPeekBytes;
        for (long? next = Math.Max(0, fromSequenceNumber); next is { } from;)
        {
            next = PeekSome(from, count, sessionId, found, ref room, now);
        }

        return found;
    }

    /// <returns>Where the next turn is to go on, or null.</returns>
    private long? PeekSome(long fromSequenceNumber, int count, string? sessionId, List<MessageSnapshot> found, ref long room, DateTime now)
    {
        using var turn = Entity.Begin(now);
        Entity.TouchUnderLock(now);
        if (Entity.IsDeleted)
        {
            return null;
        }

        var looked = 0;
        foreach (var message in _messages.From(fromSequenceNumber))
        {
            if (++looked > MaxMessagesInTurn)
            {
                return message.SequenceNumber;
            }

            if (message.Place == MessagePlace.Transferring || (sessionId is not null && message.Content.SessionId != sessionId))
            {
                continue;
            }

            var size = Math.Max(message.Content.Size, MinPeekBytes);
            if (found.Count == count || (found.Count > 0 && size > room))
            {
                return null;
            }

            found.Add(message.Snapshot() with { LockToken = default });
            room -= size;
        }

        return null;
    }

    /// <summary>Receives deferred messages: all of the numbers, or none.</summary>
    public NumberOutcome ReceiveDeferred(
        ReadOnlySpan<long> sequenceNumbers, ReceiveMode mode, string? sessionId, DateTime now, out IReadOnlyList<MessageSnapshot> received)
    {
        using var turn = Entity.Begin(now);
        Entity.TouchUnderLock(now);
        received = [];
        if (Entity.IsDeleted)
        {
            return NumberOutcome.QueueDeleted;
        }

        if (Entity.Options.Status is EntityStatus.Disabled or EntityStatus.ReceiveDisabled)
        {
            return NumberOutcome.Disabled;
        }

        if (HasSessions && (sessionId is null || FindHeldUnderLock(sessionId) is null))
        {
            return NumberOutcome.SessionLockLost;
        }

        var chosen = new OrderedDictionary<long, BrokerMessage>(sequenceNumbers.Length);
        foreach (var number in sequenceNumbers)
        {
            if (_messages.Find(number) is not { State: MessageState.Deferred, Place: MessagePlace.Aside } message
                || (HasSessions && message.Content.SessionId != sessionId)
                || !chosen.TryAdd(number, message))
            {
                return NumberOutcome.NotFound;
            }
        }

        if (ExpireAnyUnderLock(chosen.Values, now))
        {
            return NumberOutcome.NotFound;
        }

        var snapshots = new List<MessageSnapshot>(chosen.Count);
        foreach (var message in chosen.Values)
        {
            if (mode == ReceiveMode.PeekLock)
            {
                LockMessageUnderLock(message, now);
                snapshots.Add(message.Snapshot());
            }
            else
            {
                snapshots.Add(message.Snapshot());
                RemoveForGoodUnderLock(message);
            }
        }

        received = snapshots;
        return NumberOutcome.Done;
    }

    /// <summary>Takes back scheduled messages: all of the numbers, or none.</summary>
    public NumberOutcome CancelScheduled(ReadOnlySpan<long> sequenceNumbers, DateTime now)
    {
        using var turn = Entity.Begin(now);
        Entity.TouchUnderLock(now);
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
                RemoveForGoodUnderLock(message);
            }
        }

        return NumberOutcome.Done;
    }

    /// <summary>Deletes available messages that were enqueued at a time or before, oldest first; at most 4000.</summary>
    /// <returns>How many.</returns>
    public int DeleteBatch(int count, DateTime enqueuedUntil, string? sessionId, DateTime now)
    {
        count = Math.Min(count, MaxBatchDelete);
        var deleted = 0;
        for (long? next = 0; next is { } from && deleted < count;)
        {
            next = DeleteSome(from, count, enqueuedUntil, sessionId, ref deleted, now);
        }

        return deleted;
    }

    /// <returns>Where the next turn is to go on, or null.</returns>
    private long? DeleteSome(long fromSequenceNumber, int count, DateTime enqueuedUntil, string? sessionId, ref int deleted, DateTime now)
    {
        using var turn = Entity.Begin(now);
        Entity.TouchUnderLock(now);
        if (Entity.IsDeleted)
        {
            return null;
        }

        long? next = null;
        var looked = 0;
        var chosen = new List<BrokerMessage>();
        foreach (var message in _messages.From(fromSequenceNumber))
        {
            if (++looked > MaxMessagesInTurn)
            {
                next = message.SequenceNumber;
                break;
            }

            if (message.Place is MessagePlace.Fresh or MessagePlace.Returned
                && message.EnqueuedTime <= enqueuedUntil
                && (sessionId is null || message.Content.SessionId == sessionId))
            {
                chosen.Add(message);
                if (deleted + chosen.Count == count)
                {
                    break;
                }
            }
        }

        foreach (var message in chosen)
        {
            RemoveForGoodUnderLock(message);
        }

        deleted += chosen.Count;
        return next;
    }

    /// <summary>Has those of the deferred messages expire whose time is over: that is looked at only when somebody asks for them.</summary>
    private bool ExpireAnyUnderLock(IEnumerable<BrokerMessage> deferred, DateTime now)
    {
        var any = false;
        foreach (var message in deferred.Where(message => message.ExpiresAt <= now))
        {
            ExpireUnderLock(message);
            any = true;
        }

        return any;
    }

    /// <summary>A scheduled message becomes active: it arrives now, under a number of its own.</summary>
    private void ActivateUnderLock(BrokerMessage message, DateTime now)
    {
        if (Entity.Topic is not null)
        {
            // It goes to the subscriptions, and nothing of it stays here.
            RemoveForGoodUnderLock(message);
        }
        else
        {
            ExtractUnderLock(message);
            Entity.Journal.Left(this, message.SequenceNumber);
        }

        message.SequenceNumber = Entity.NextSequenceNumberUnderLock();
        message.EnqueuedTime = now;
        AddActiveUnderLock(message);
    }
}
