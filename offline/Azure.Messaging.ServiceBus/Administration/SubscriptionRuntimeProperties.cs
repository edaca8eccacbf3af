namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>A subscription's document counts as a queue's does.</summary>
public class SubscriptionRuntimeProperties
{
    private readonly QueueRuntimeProperties _counts;

    internal SubscriptionRuntimeProperties(string topicName, string subscriptionName, QueueRuntimeProperties counts)
    {
        TopicName = topicName;
        SubscriptionName = subscriptionName;
        _counts = counts;
    }

    public string TopicName { get; }

    public string SubscriptionName { get; }

    public long TotalMessageCount => _counts.TotalMessageCount;

    public long ActiveMessageCount => _counts.ActiveMessageCount;

    public long DeadLetterMessageCount => _counts.DeadLetterMessageCount;

    public long TransferMessageCount => _counts.TransferMessageCount;

    public long TransferDeadLetterMessageCount => _counts.TransferDeadLetterMessageCount;

    public DateTimeOffset CreatedAt => _counts.CreatedAt;

    public DateTimeOffset UpdatedAt => _counts.UpdatedAt;

    public DateTimeOffset AccessedAt => _counts.AccessedAt;
}
