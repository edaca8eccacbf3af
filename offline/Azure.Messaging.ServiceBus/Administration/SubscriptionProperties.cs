using System.Xml.Linq;

namespace Azure.Messaging.ServiceBus.Administration;

public class SubscriptionProperties
{
    internal SubscriptionProperties()
    {
    }

    public TimeSpan AutoDeleteOnIdle { get; set; } = TimeSpan.MaxValue;

    public bool DeadLetteringOnMessageExpiration { get; set; }

    public TimeSpan DefaultMessageTimeToLive { get; set; } = TimeSpan.MaxValue;

    public bool EnableBatchedOperations { get; set; } = true;

    public bool EnableDeadLetteringOnFilterEvaluationExceptions { get; set; } = true;

    public string ForwardDeadLetteredMessagesTo { get; set; }

    public string ForwardTo { get; set; }

    public TimeSpan LockDuration { get; set; } = TimeSpan.FromMinutes(1);

    public int MaxDeliveryCount { get; set; } = 10;

    public bool RequiresSession { get; set; }

    public EntityStatus Status { get; set; } = EntityStatus.Active;

    public string SubscriptionName { get; set; }

    public string TopicName { get; set; }

    public string UserMetadata { get; set; }

    /// <summary>The children's order is the schema's.</summary>
    internal XElement ToXml(RuleProperties defaultRule = null) => new(
        QueueDescription.Connect + "SubscriptionDescription",
        QueueDescription.Element(nameof(LockDuration), LockDuration),
        QueueDescription.Element(nameof(RequiresSession), RequiresSession),
        QueueDescription.Element(nameof(DefaultMessageTimeToLive), DefaultMessageTimeToLive),
        QueueDescription.Element(nameof(DeadLetteringOnMessageExpiration), DeadLetteringOnMessageExpiration),
        QueueDescription.Element("DeadLetteringOnFilterEvaluationExceptions", EnableDeadLetteringOnFilterEvaluationExceptions),
        defaultRule is null ? null : RuleXml.Write(defaultRule, "DefaultRuleDescription"),
        QueueDescription.Element(nameof(MaxDeliveryCount), MaxDeliveryCount),
        QueueDescription.Element(nameof(EnableBatchedOperations), EnableBatchedOperations),
        QueueDescription.Element(nameof(Status), Status.ToString()),
        QueueDescription.Element(nameof(ForwardTo), ForwardTo),
        QueueDescription.Element(nameof(UserMetadata), UserMetadata),
        QueueDescription.Element(nameof(ForwardDeadLetteredMessagesTo), ForwardDeadLetteredMessagesTo),
        QueueDescription.Element(nameof(AutoDeleteOnIdle), AutoDeleteOnIdle));

    internal static SubscriptionProperties Parse(string topicName, string name, XElement xml) => new()
    {
        TopicName = topicName,
        SubscriptionName = name,
        AutoDeleteOnIdle = AtomFeed.Duration(xml, nameof(AutoDeleteOnIdle)),
        DeadLetteringOnMessageExpiration = AtomFeed.Boolean(xml, nameof(DeadLetteringOnMessageExpiration)),
        DefaultMessageTimeToLive = AtomFeed.Duration(xml, nameof(DefaultMessageTimeToLive)),
        EnableBatchedOperations = AtomFeed.Boolean(xml, nameof(EnableBatchedOperations)),
        EnableDeadLetteringOnFilterEvaluationExceptions = AtomFeed.Boolean(xml, "DeadLetteringOnFilterEvaluationExceptions"),
        ForwardDeadLetteredMessagesTo = AtomFeed.Text(xml, nameof(ForwardDeadLetteredMessagesTo)),
        ForwardTo = AtomFeed.Text(xml, nameof(ForwardTo)),
        LockDuration = AtomFeed.Duration(xml, nameof(LockDuration)),
        MaxDeliveryCount = (int)AtomFeed.Number(xml, nameof(MaxDeliveryCount)),
        RequiresSession = AtomFeed.Boolean(xml, nameof(RequiresSession)),
        Status = AtomFeed.Text(xml, nameof(Status)),
        UserMetadata = AtomFeed.Text(xml, nameof(UserMetadata)),
    };
}

public class CreateSubscriptionOptions
{
    public CreateSubscriptionOptions(string topicName, string subscriptionName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(topicName);
        ArgumentException.ThrowIfNullOrWhiteSpace(subscriptionName);
        TopicName = topicName;
        SubscriptionName = subscriptionName;
    }

    public TimeSpan AutoDeleteOnIdle { get; set; } = TimeSpan.MaxValue;

    public bool DeadLetteringOnMessageExpiration { get; set; }

    public TimeSpan DefaultMessageTimeToLive { get; set; } = TimeSpan.MaxValue;

    public bool EnableBatchedOperations { get; set; } = true;

    public bool EnableDeadLetteringOnFilterEvaluationExceptions { get; set; } = true;

    public string ForwardDeadLetteredMessagesTo { get; set; }

    public string ForwardTo { get; set; }

    public TimeSpan LockDuration { get; set; } = TimeSpan.FromMinutes(1);

    public int MaxDeliveryCount { get; set; } = 10;

    public bool RequiresSession { get; set; }

    public EntityStatus Status { get; set; } = EntityStatus.Active;

    public string SubscriptionName { get; set; }

    public string TopicName { get; set; }

    public string UserMetadata { get; set; }

    internal SubscriptionProperties ToProperties() => new()
    {
        AutoDeleteOnIdle = AutoDeleteOnIdle,
        DeadLetteringOnMessageExpiration = DeadLetteringOnMessageExpiration,
        DefaultMessageTimeToLive = DefaultMessageTimeToLive,
        EnableBatchedOperations = EnableBatchedOperations,
        EnableDeadLetteringOnFilterEvaluationExceptions = EnableDeadLetteringOnFilterEvaluationExceptions,
        ForwardDeadLetteredMessagesTo = ForwardDeadLetteredMessagesTo,
        ForwardTo = ForwardTo,
        LockDuration = LockDuration,
        MaxDeliveryCount = MaxDeliveryCount,
        RequiresSession = RequiresSession,
        Status = Status,
        SubscriptionName = SubscriptionName,
        TopicName = TopicName,
        UserMetadata = UserMetadata,
    };
}

public class SubscriptionRuntimeProperties
{
    internal SubscriptionRuntimeProperties(string topicName, string name, XElement xml)
    {
        var counts = AtomFeed.Child(xml, "CountDetails");
        TopicName = topicName;
        SubscriptionName = name;
        TotalMessageCount = AtomFeed.Number(xml, "MessageCount");
        ActiveMessageCount = AtomFeed.Number(counts, nameof(ActiveMessageCount));
        DeadLetterMessageCount = AtomFeed.Number(counts, nameof(DeadLetterMessageCount));
        TransferMessageCount = AtomFeed.Number(counts, nameof(TransferMessageCount));
        TransferDeadLetterMessageCount = AtomFeed.Number(counts, nameof(TransferDeadLetterMessageCount));
        CreatedAt = AtomFeed.Time(xml, nameof(CreatedAt));
        UpdatedAt = AtomFeed.Time(xml, nameof(UpdatedAt));
        AccessedAt = AtomFeed.Time(xml, nameof(AccessedAt));
    }

    public string TopicName { get; }

    public string SubscriptionName { get; }

    public long TotalMessageCount { get; }

    public long ActiveMessageCount { get; }

    public long DeadLetterMessageCount { get; }

    public long TransferMessageCount { get; }

    public long TransferDeadLetterMessageCount { get; }

    public DateTimeOffset CreatedAt { get; }

    public DateTimeOffset UpdatedAt { get; }

    public DateTimeOffset AccessedAt { get; }
}
