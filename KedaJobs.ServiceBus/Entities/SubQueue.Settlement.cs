using KedaJobs.ServiceBus.Entities.Transactions;

namespace KedaJobs.ServiceBus.Entities;

/// <summary>What receivers do with messages that they hold. A lock belongs to the queue, not to the connection that got it.</summary>
internal sealed partial class SubQueue
{
    /// <summary>Service Bus's limit for the reason and the description of a dead letter.</summary>
    private const int MaxReasonLength = 4096;

    /// <summary>Applies what a receiver wants done with a message.</summary>
    /// <param name="lockToken">The message's lock.</param>
    /// <param name="settlement">What is to be done.</param>
    /// <param name="now">The time.</param>
    /// <param name="transaction">The transaction that it is part of (see <see cref="Enlist"/>), or null.</param>
    public SettleOutcome Settle(Guid lockToken, in Settlement settlement, DateTime now, Transaction? transaction = null)
    {
        using var turn = Entity.Begin(now);
        Entity.TouchUnderLock(now);
        if (FindLockedUnderLock(lockToken) is not { } message || message.Transaction != transaction)
        {
            return WhyNotLockedUnderLock(lockToken);
        }

        switch (settlement.Disposition)
        {
            case Disposition.Complete:
                RemoveForGoodUnderLock(message);
                if (Kind == SubQueueKind.Main)
                {
                    Entity.Observer?.Completed(Entity.Name, message.SequenceNumber, now);
                }

                return SettleOutcome.Done;
            case Disposition.Abandon:
                UnlockUnderLock(message, countAttempt: true, now, settlement.Properties);
                return SettleOutcome.Done;
            case Disposition.Release:
                UnlockUnderLock(message, countAttempt: false, now);
                return SettleOutcome.Done;
            case Disposition.Defer:
                DeferUnderLock(message, settlement.Properties);
                return SettleOutcome.Done;
            default:
                if (Kind != SubQueueKind.Main)
                {
                    return SettleOutcome.NotAllowed;
                }

                MoveToDeadLettersUnderLock(message, settlement.Reason, settlement.Description, settlement.Properties, byBroker: false);
                return SettleOutcome.Done;
        }
    }

    /// <summary>
    /// What a receiver of a session has lost when a settlement failed: no more than the lock of the message, if it still holds the session.
    /// </summary>
    public SettleOutcome WhatWasLost(SettleOutcome outcome, Consumer receiver, DateTime now)
    {
        if (outcome != SettleOutcome.SessionLockLost)
        {
            return outcome;
        }

        using var turn = Entity.Begin(now);
        return receiver.Session is { } session && session.Holder == receiver && session.IsHeldAt(Entity.Now)
            ? SettleOutcome.LockLost
            : outcome;
    }

    /// <summary>The same for a request, which names the session and no receiver.</summary>
    public SettleOutcome WhatWasLost(SettleOutcome outcome, string? sessionId, DateTime now)
    {
        if (outcome != SettleOutcome.SessionLockLost || sessionId is null)
        {
            return outcome;
        }

        using var turn = Entity.Begin(now);
        return FindHeldUnderLock(sessionId) is null ? outcome : SettleOutcome.LockLost;
    }

    /// <summary>Starts the lock's duration anew.</summary>
    public SettleOutcome RenewLock(Guid lockToken, DateTime now, out DateTime lockedUntil)
    {
        using var turn = Entity.Begin(now);
        Entity.TouchUnderLock(now);
        lockedUntil = default;
        if (FindLockedUnderLock(lockToken) is not { } message)
        {
            return WhyNotLockedUnderLock(lockToken);
        }

        if (message.Session is not null)
        {
            return SettleOutcome.NotAllowed;
        }

        lockedUntil = Deadline.After(now, Entity.Options.LockDuration);
        Entity.Deadlines.Set(message, lockedUntil);
        return SettleOutcome.Done;
    }

    /// <summary>What is due for a message: its lock, its time to live or its schedule has come to its end.</summary>
    internal void OnDueUnderLock(BrokerMessage message, DateTime now)
    {
        if (message.Place == MessagePlace.Locked)
        {
            UnlockUnderLock(message, countAttempt: true, now);
        }
        else if (message.State == MessageState.Scheduled)
        {
            ActivateUnderLock(message, now);
        }
        else
        {
            LoosenUnderLock(message);
            ExpireUnderLock(message);
        }
    }

    /// <summary>Takes in a message that cannot be given to receivers: it is dead-lettered at once.</summary>
    internal void AddUndeliverableUnderLock(BrokerMessage message, string reason, string description)
    {
        AddUnderLock(message);
        Entity.Journal.Added(this, message);
        MoveToDeadLettersUnderLock(message, reason, description, properties: null);
    }

    /// <summary>
    /// The message of a lock that has not lapsed. One that has may still have its message, if more was due than a turn does.
    /// </summary>
    private BrokerMessage? FindLockedUnderLock(Guid lockToken) =>
        !Entity.IsDeleted
        && _messages.Find(LockTokens.SequenceNumberOf(lockToken)) is { Place: MessagePlace.Locked } message
        && Entity.LockTokens.TokenOf(message) == lockToken
        && (message.Session is { } session ? session.IsHeldAt(Entity.Now) : message.Due > Entity.Now)
            ? message
            : null;

    private SettleOutcome WhyNotLockedUnderLock(Guid lockToken)
    {
        if (Entity.IsDeleted)
        {
            return SettleOutcome.QueueDeleted;
        }

        return HasSessions && _messages.Find(LockTokens.SequenceNumberOf(lockToken))?.Session?.IsHeldAt(Entity.Now) != true
            ? SettleOutcome.SessionLockLost
            : SettleOutcome.LockLost;
    }

    /// <summary>
    /// Ends a lock without success: the message goes back to its place, or to the dead letters if it was tried too often.
    /// </summary>
    private void UnlockUnderLock(
        BrokerMessage message, bool countAttempt, DateTime now, IReadOnlyCollection<KeyValuePair<string, object?>>? properties = null)
    {
        LoosenUnderLock(message);
        if (countAttempt)
        {
            message.DeliveryCount++;
            if (Kind == SubQueueKind.Main && message.DeliveryCount >= Entity.Options.MaxDeliveryCount)
            {
                MoveToDeadLettersUnderLock(
                    message,
                    "MaxDeliveryCountExceeded",
                    $"Message could not be consumed after {message.DeliveryCount} delivery attempts.",
                    properties);
                return;
            }
        }

        NoteChangeUnderLock(message, properties);
        if (message.State == MessageState.Deferred)
        {
            SetAsideUnderLock(message);
        }
        else if (message.ExpiresAt <= now)
        {
            ExpireUnderLock(message);
        }
        else
        {
            MakeAvailableUnderLock(message, isNew: false);
        }
    }

    private void DeferUnderLock(BrokerMessage message, IReadOnlyCollection<KeyValuePair<string, object?>>? properties)
    {
        LoosenUnderLock(message);
        message.State = MessageState.Deferred;
        NoteChangeUnderLock(message, properties);
        SetAsideUnderLock(message);
    }

    /// <summary>
    /// A deferred message does not expire before somebody asks for it by its number (Microsoft Learn: "Message deferral"); see
    /// <see cref="ReceiveDeferred"/>.
    /// </summary>
    private void SetAsideUnderLock(BrokerMessage message)
    {
        message.Place = MessagePlace.Aside;
        Entity.Deadlines.Clear(message);
    }

    private void ExpireUnderLock(BrokerMessage message)
    {
        if (Kind == SubQueueKind.Main && Entity.Options.DeadLetteringOnMessageExpiration)
        {
            MoveToDeadLettersUnderLock(message, "TTLExpiredException", "The message expired and was dead lettered.", properties: null);
        }
        else
        {
            RemoveForGoodUnderLock(message);
        }
    }

    /// <summary>
    /// Moves a message, which no other structure holds any more, to the dead letters or to the queue that takes their place.
    /// </summary>
    private void MoveToDeadLettersUnderLock(
        BrokerMessage message, string? reason, string? description, IReadOnlyCollection<KeyValuePair<string, object?>>? properties,
        bool byBroker = true)
    {
        if (Entity.DeadLettered is { } told)
        {
            var (name, content) = (Entity.Name, message.Content);
            Entity.AfterwardsUnderLock(() => told(name, content, reason, byBroker));
        }

        var changes = new List<KeyValuePair<string, object?>>(properties ?? []);
        AddReason(changes, "DeadLetterReason", reason);
        AddReason(changes, "DeadLetterErrorDescription", description);
        if (Entity.DeadLettersTo is { } target)
        {
            LoosenUnderLock(message);
            SetPropertiesUnderLock(message, changes);
            message.DeadLetterSource = Entity.ShownName;
            TransferUnderLock(message, target);
            return;
        }

        var number = message.SequenceNumber;
        ExtractUnderLock(message);
        SetContent(message, changes);
        Entity.DeadLetter.AddDeadLetteredUnderLock(message);
        Entity.Journal.Left(this, number);
    }

    private static void AddReason(List<KeyValuePair<string, object?>> changes, string name, string? text)
    {
        if (text is not null)
        {
            changes.Add(new(name, text.Length <= MaxReasonLength ? text : text[..MaxReasonLength]));
        }
    }

    private void NoteChangeUnderLock(BrokerMessage message, IReadOnlyCollection<KeyValuePair<string, object?>>? properties)
    {
        if (properties is { Count: > 0 })
        {
            SetPropertiesUnderLock(message, properties);
            Entity.Journal.Added(this, message);
        }
        else
        {
            Entity.Journal.Changed(this, message);
        }
    }

    private void SetPropertiesUnderLock(BrokerMessage message, IReadOnlyCollection<KeyValuePair<string, object?>>? properties)
    {
        if (properties is { Count: > 0 })
        {
            Entity.SizeInBytes -= message.Content.Size;
            SetContent(message, properties);
            Entity.SizeInBytes += message.Content.Size;
        }
    }

    private static void SetContent(BrokerMessage message, IReadOnlyCollection<KeyValuePair<string, object?>> properties)
    {
        if (properties.Count > 0)
        {
            message.Content = message.Content.WithProperties(properties);
        }
    }
}
