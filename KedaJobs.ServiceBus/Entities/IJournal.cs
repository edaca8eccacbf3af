namespace KedaJobs.ServiceBus.Entities;

/// <summary>
/// Where one queue notes each change, so that it can be brought back. Called under the queue's lock, in the order of the changes; must not
/// block. What is noted in one turn of the queue comes back as a whole or not at all.
/// </summary>
internal interface IJournal
{
    /// <summary>A message is new in the queue, or under this number, or its content changed: everything about it is noted.</summary>
    void Added(SubQueue queue, BrokerMessage message);

    /// <summary>A message left for good.</summary>
    void Removed(SubQueue queue, BrokerMessage message);

    /// <summary>A message that was noted again in another place, or under another number, is no longer here.</summary>
    void Left(SubQueue queue, long sequenceNumber);

    /// <summary>A delivery began: if nothing else is heard of it, it counts as unsuccessful.</summary>
    void Delivering(SubQueue queue, BrokerMessage message);

    /// <summary>A delivery ended, or the message's state changed: its delivery count and its state are noted.</summary>
    void Changed(SubQueue queue, BrokerMessage message);

    /// <summary>A message id entered the duplicate history.</summary>
    void Remembered(RememberedId id);

    /// <summary>A message id left the duplicate history.</summary>
    void Forgotten(RememberedId id);

    void SessionStateSet(Session session);

    /// <summary>
    /// The queue is new, or its declaration changed. Where it is a topic's or a subscription's, that of the topic, or of the subscription
    /// with its present rules (<see cref="QueueEntity.Topic"/>, <see cref="QueueEntity.Subscription"/>). A topic is defined before its
    /// subscriptions and deleted after them.
    /// </summary>
    void Defined(QueueEntity queue);

    /// <summary>The queue is gone, with everything in it.</summary>
    void Deleted(QueueEntity queue);

    /// <summary>The turn is over: what was noted in it belongs together.</summary>
    void TurnEnded(QueueEntity queue);

    /// <summary>From now on turns are noted as parts of a transaction; with null, by themselves again.</summary>
    void Join(JournalTransaction? transaction)
    {
    }
}

/// <summary>Where the turns of several queues are noted that come back as a whole or not at all.</summary>
internal abstract class JournalTransaction
{
    /// <summary>All of it was noted. Called with the locks of all its queues held.</summary>
    public abstract void Complete();
}

/// <summary>Something that a journal keeps for as long as it lives. Guarded by its queue's lock.</summary>
internal interface IJournaled
{
    JournalPlace JournalPlace { get; set; }
}

/// <summary>Where a journal has its newest full note of something; empty if it has none.</summary>
internal readonly record struct JournalPlace(JournalPart? Part, int Bytes);

/// <summary>A part of a journal that goes as a whole.</summary>
internal abstract class JournalPart;

/// <summary>The journal of a queue that is kept in memory only.</summary>
internal sealed class NoJournal : IJournal
{
    public static readonly NoJournal Instance = new();

    public void Added(SubQueue queue, BrokerMessage message)
    {
    }

    public void Removed(SubQueue queue, BrokerMessage message)
    {
    }

    public void Left(SubQueue queue, long sequenceNumber)
    {
    }

    public void Delivering(SubQueue queue, BrokerMessage message)
    {
    }

    public void Changed(SubQueue queue, BrokerMessage message)
    {
    }

    public void Remembered(RememberedId id)
    {
    }

    public void Forgotten(RememberedId id)
    {
    }

    public void SessionStateSet(Session session)
    {
    }

    public void Defined(QueueEntity queue)
    {
    }

    public void Deleted(QueueEntity queue)
    {
    }

    public void TurnEnded(QueueEntity queue)
    {
    }
}
