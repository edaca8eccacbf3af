namespace KedaJobs.ServiceBus.Entities;

/// <summary>The entity's part in transactions, which hold the locks of several entities at once: see <see cref="EntityCatalog"/>.</summary>
internal sealed partial class QueueEntity
{
    /// <summary>The queue or topic that the entity belongs to: a subscription's topic, else itself.</summary>
    internal string TopLevelName => Subscription?.Topic.Name ?? Name;

    /// <summary>Why the messages could not be sent now; nothing is done.</summary>
    internal SendOutcome WhyNotSend(ReadOnlySpan<MessageContent> contents, DateTime now)
    {
        using var turn = Begin(now);
        return CheckUnderLock(contents);
    }

    /// <summary>Sets sequence numbers aside for messages that may come later.</summary>
    internal long[] ReserveNumbers(int count, DateTime now)
    {
        using var turn = Begin(now);
        var numbers = new long[count];
        for (var index = 0; index < count; index++)
        {
            numbers[index] = NextSequenceNumberUnderLock();
        }

        return numbers;
    }

    /// <summary>Takes in messages that were checked (<see cref="WhyNotSend"/>) in the same turn.</summary>
    /// <param name="contents">The messages.</param>
    /// <param name="numbers">The numbers that were set aside for them; empty for none.</param>
    /// <param name="now">The time.</param>
    internal void SendPromised(ReadOnlySpan<MessageContent> contents, ReadOnlySpan<long> numbers, DateTime now)
    {
        using var turn = Begin(now);
        TouchUnderLock(now);
        for (var index = 0; index < contents.Length; index++)
        {
            AcceptUnderLock(new BrokerMessage(contents[index]) { SequenceNumber = numbers.IsEmpty ? 0 : numbers[index] }, now);
        }
    }

    /// <summary>
    /// Takes the lock for a transaction; turns of the same thread are parts of this one until <see cref="EndTransactionTurnUnderLock"/>.
    /// </summary>
    internal void EnterTransaction(DateTime now, JournalTransaction? journal)
    {
        Enter(now);
        Journal.Join(journal);
    }

    /// <summary>Ends the turn, with the lock still held.</summary>
    /// <returns>What is to be handed over once no entity's lock is held any more.</returns>
    internal PostTurnWork EndTransactionTurnUnderLock()
    {
        try
        {
            return EndTurnUnderLock();
        }
        finally
        {
            Journal.Join(null);
        }
    }

    /// <summary>Releases the lock.</summary>
    internal void ExitTransaction()
    {
        _depth--;
        _gate.Exit();
    }
}
