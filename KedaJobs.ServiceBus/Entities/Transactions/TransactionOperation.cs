namespace KedaJobs.ServiceBus.Entities.Transactions;

/// <summary>One thing that a transaction does when it is committed. Checked before, so that it can be done then.</summary>
internal abstract class TransactionOperation(QueueEntity entity)
{
    public QueueEntity Entity { get; } = entity;

    /// <summary>How many messages it sends.</summary>
    public virtual int Messages => 0;

    /// <summary>What it keeps until then, in bytes.</summary>
    public virtual long Bytes => 0;

    /// <summary>Why it cannot be done any more, or null. Called with the locks of all entities of the transaction held.</summary>
    public abstract string? WhyNot(Transaction transaction, DateTime now);

    /// <summary>Does it. Called with the locks held.</summary>
    public abstract void Apply(Transaction transaction, DateTime now);

    /// <summary>Told, without any lock, when the transaction is committed.</summary>
    public Action? Committed { get; init; }

    /// <summary>Gives up what it held.</summary>
    public virtual void Release(Transaction transaction, DateTime now)
    {
    }
}

/// <summary>Sends messages to a queue or topic.</summary>
/// <param name="entity">Where to.</param>
/// <param name="contents">The messages.</param>
/// <param name="numbers">The sequence numbers that the client was told, of scheduled messages; empty for none.</param>
internal sealed class SendOperation(QueueEntity entity, MessageContent[] contents, long[] numbers) : TransactionOperation(entity)
{
    public MessageContent[] Contents { get; } = contents;

    public override int Messages => Contents.Length;

    public override long Bytes => Contents.Sum(content => (long)content.Size);

    /// <summary>Whether all of the entity's messages of the transaction are taken is asked for all together.</summary>
    public override string? WhyNot(Transaction transaction, DateTime now) => null;

    public override void Apply(Transaction transaction, DateTime now) => Entity.SendPromised(Contents, numbers, now);
}

/// <summary>Settles a message that is locked.</summary>
internal sealed class SettleOperation(SubQueue queue, Guid lockToken, Settlement settlement) : TransactionOperation(queue.Entity)
{
    public override string? WhyNot(Transaction transaction, DateTime now) =>
        queue.IsEnlisted(lockToken, transaction, now) ? null : $"The lock of a message of '{Entity.Name}' that it settles was lost.";

    public override void Apply(Transaction transaction, DateTime now) => queue.Settle(lockToken, settlement, now, transaction);

    public override void Release(Transaction transaction, DateTime now) => queue.Release(lockToken, transaction, now);
}

/// <summary>Takes back scheduled messages.</summary>
internal sealed class CancelOperation(SubQueue queue, long[] numbers) : TransactionOperation(queue.Entity)
{
    public override string? WhyNot(Transaction transaction, DateTime now) =>
        queue.AreScheduled(numbers, now) == NumberOutcome.Done
            ? null
            : $"A scheduled message of '{Entity.Name}' that it cancels is no longer scheduled.";

    public override void Apply(Transaction transaction, DateTime now) => queue.CancelScheduled(numbers, now);
}
