using KedaJobs.ServiceBus.Entities.Transactions;

namespace KedaJobs.ServiceBus.Entities;

/// <summary>What transactions promise to do.</summary>
internal sealed partial class SubQueue
{
    /// <summary>Makes the settlement of a message part of a transaction: until that ends, nobody else can settle the message.</summary>
    public SettleOutcome Enlist(Guid lockToken, in Settlement settlement, Transaction transaction, DateTime now)
    {
        using var turn = Entity.Begin(now);
        Entity.TouchUnderLock(now);
        if (FindLockedUnderLock(lockToken) is not { Transaction: null } message)
        {
            return WhyNotLockedUnderLock(lockToken);
        }

        if (settlement.Disposition == Disposition.DeadLetter && Kind != SubQueueKind.Main)
        {
            return SettleOutcome.NotAllowed;
        }

        message.Transaction = transaction;
        return SettleOutcome.Done;
    }

    /// <summary>Undoes <see cref="Enlist"/>: the message is locked as before.</summary>
    public void Release(Guid lockToken, Transaction transaction, DateTime now)
    {
        using var turn = Entity.Begin(now);
        if (FindLockedUnderLock(lockToken) is { } message && message.Transaction == transaction)
        {
            message.Transaction = null;
        }
    }

    /// <summary>Whether the message is still locked for the transaction.</summary>
    internal bool IsEnlisted(Guid lockToken, Transaction transaction, DateTime now)
    {
        using var turn = Entity.Begin(now);
        return FindLockedUnderLock(lockToken)?.Transaction == transaction;
    }

    /// <summary>Whether all of the numbers are of scheduled messages.</summary>
    public NumberOutcome AreScheduled(ReadOnlySpan<long> sequenceNumbers, DateTime now)
    {
        using var turn = Entity.Begin(now);
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

        return NumberOutcome.Done;
    }
}
