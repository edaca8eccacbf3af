namespace KedaJobs.ServiceBus;

/// <summary>
/// Observes the messages of a broker in this process. It is called while the entity is locked, in the order in which things happen there,
/// possibly by several entities at the same time: return immediately, don't throw, and don't use the broker.
/// </summary>
public interface IMessageObserver
{
    /// <summary>A message has become active: sent, forwarded or published to here, or due after it was scheduled.</summary>
    /// <param name="entity">The queue, or <c>topic/Subscriptions/subscription</c>.</param>
    /// <param name="time">When it was enqueued.</param>
    /// <param name="size">Its size in bytes, properties included.</param>
    void Enqueued(string entity, DateTimeOffset time, long size);

    /// <summary>A receiver has locked a message.</summary>
    /// <param name="entity">The queue, or <c>topic/Subscriptions/subscription</c>.</param>
    /// <param name="sequenceNumber">The message's number in the entity.</param>
    /// <param name="time">When.</param>
    void Locked(string entity, long sequenceNumber, DateTimeOffset time);

    /// <summary>A receiver has completed a message that it had locked.</summary>
    /// <param name="entity">The queue, or <c>topic/Subscriptions/subscription</c>.</param>
    /// <param name="sequenceNumber">The message's number in the entity.</param>
    /// <param name="time">When.</param>
    void Completed(string entity, long sequenceNumber, DateTimeOffset time);
}
