namespace KedaJobs.ServiceBus.Entities;

/// <summary>
/// Where a queue notes each change, so that it can be brought back. Called under the queue's lock, in the order of the changes;
/// must not block.
/// </summary>
internal interface IJournal
{
    /// <summary>A message is new in the queue, or new under this number.</summary>
    void Added(SubQueue queue, BrokerMessage message);

    /// <summary>A message left for good.</summary>
    void Removed(SubQueue queue, long sequenceNumber);

    /// <summary>A delivery began: if nothing else is heard of it, it counts as unsuccessful.</summary>
    void Delivering(SubQueue queue, BrokerMessage message);

    /// <summary>A message's delivery count, state or (if <paramref name="content"/>) content changed.</summary>
    void Changed(SubQueue queue, BrokerMessage message, bool content);

    /// <summary>A message id entered the duplicate history without a message that stays.</summary>
    void Remembered(QueueEntity queue, string messageId, DateTime at);

    void SessionStateSet(SubQueue queue, Session session);

    /// <summary>
    /// The queue is new, or its declaration changed. Where it is a topic's or a subscription's, that of the topic, or of the subscription with its present
    /// rules (<see cref="QueueEntity.Topic"/>, <see cref="QueueEntity.Subscription"/>). A topic is defined before its subscriptions and deleted before them:
    /// a subscription without its topic is left over from a change that was not finished.
    /// </summary>
    void Defined(QueueEntity queue);

    void Deleted(QueueEntity queue);
}

/// <summary>The journal of a broker that keeps everything in memory.</summary>
internal sealed class NoJournal : IJournal
{
    public static readonly NoJournal Instance = new();

    public void Added(SubQueue queue, BrokerMessage message)
    {
    }

    public void Removed(SubQueue queue, long sequenceNumber)
    {
    }

    public void Delivering(SubQueue queue, BrokerMessage message)
    {
    }

    public void Changed(SubQueue queue, BrokerMessage message, bool content)
    {
    }

    public void Remembered(QueueEntity queue, string messageId, DateTime at)
    {
    }

    public void SessionStateSet(SubQueue queue, Session session)
    {
    }

    public void Defined(QueueEntity queue)
    {
    }

    public void Deleted(QueueEntity queue)
    {
    }
}
