using System.Collections.ObjectModel;

namespace Azure.Messaging.ServiceBus;

public class ServiceBusReceivedMessage
{
    private static readonly ReadOnlyDictionary<string, object> NoProperties = new(new Dictionary<string, object>());

    internal ServiceBusReceivedMessage()
    {
    }

    public BinaryData Body => RawBody.ToBinaryData();

    public string MessageId { get; internal init; }

    public string PartitionKey { get; internal init; }

    public string TransactionPartitionKey { get; internal init; }

    public string SessionId { get; internal init; }

    public string ReplyToSessionId { get; internal init; }

    public TimeSpan TimeToLive { get; internal init; } = TimeSpan.MaxValue;

    public string CorrelationId { get; internal init; }

    public string Subject { get; internal init; }

    public string To { get; internal init; }

    public string ContentType { get; internal init; }

    public string ReplyTo { get; internal init; }

    public DateTimeOffset ScheduledEnqueueTime { get; internal init; }

    public IReadOnlyDictionary<string, object> ApplicationProperties { get; internal init; } = NoProperties;

    public string LockToken => LockTokenGuid.ToString();

    public int DeliveryCount { get; internal init; }

    public DateTimeOffset LockedUntil { get; internal set; }

    public long SequenceNumber { get; internal init; } = -1;

    public string DeadLetterSource { get; internal init; }

    public long EnqueuedSequenceNumber { get; internal init; }

    public DateTimeOffset EnqueuedTime { get; internal init; }

    public ServiceBusMessageState State { get; internal init; }

    public string DeadLetterReason => ApplicationProperties.GetValueOrDefault(WellKnown.DeadLetterReason) as string;

    public string DeadLetterErrorDescription => ApplicationProperties.GetValueOrDefault(WellKnown.DeadLetterErrorDescription) as string;

    public DateTimeOffset ExpiresAt => AbsoluteExpiryTime
        ?? (TimeToLive >= DateTimeOffset.MaxValue - EnqueuedTime ? DateTimeOffset.MaxValue : EnqueuedTime + TimeToLive);

    internal MessageBody RawBody { get; init; }

    internal Guid LockTokenGuid { get; init; }

    internal DateTimeOffset? AbsoluteExpiryTime { get; init; }

    /// <summary>Whether the processor's handler has settled it; automatic completion leaves it alone then.</summary>
    internal bool IsSettled { get; set; }

    public override string ToString() => $"{{MessageId:{MessageId}}}";
}
