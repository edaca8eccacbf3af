using System.Xml.Linq;

namespace Azure.Messaging.ServiceBus.Administration;

public class TopicProperties
{
    internal TopicProperties()
    {
    }

    public TimeSpan AutoDeleteOnIdle { get; set; } = TimeSpan.MaxValue;

    public TimeSpan DefaultMessageTimeToLive { get; set; } = TimeSpan.MaxValue;

    public TimeSpan DuplicateDetectionHistoryTimeWindow { get; set; } = TimeSpan.FromMinutes(1);

    public bool EnableBatchedOperations { get; set; } = true;

    public bool EnablePartitioning { get; set; }

    public long? MaxMessageSizeInKilobytes { get; set; }

    public long MaxSizeInMegabytes { get; set; } = 1024;

    public string Name { get; set; }

    public bool RequiresDuplicateDetection { get; set; }

    public EntityStatus Status { get; set; } = EntityStatus.Active;

    public bool SupportOrdering { get; set; }

    public string UserMetadata { get; set; }

    /// <summary>The children's order is the schema's.</summary>
    internal XElement ToXml() => new(
        QueueDescription.Connect + "TopicDescription",
        QueueDescription.Element(nameof(DefaultMessageTimeToLive), DefaultMessageTimeToLive),
        QueueDescription.Element(nameof(MaxSizeInMegabytes), MaxSizeInMegabytes),
        QueueDescription.Element(nameof(RequiresDuplicateDetection), RequiresDuplicateDetection),
        RequiresDuplicateDetection ? QueueDescription.Element(nameof(DuplicateDetectionHistoryTimeWindow), DuplicateDetectionHistoryTimeWindow) : null,
        QueueDescription.Element(nameof(EnableBatchedOperations), EnableBatchedOperations),
        QueueDescription.Element(nameof(Status), Status.ToString()),
        QueueDescription.Element(nameof(UserMetadata), UserMetadata),
        QueueDescription.Element(nameof(SupportOrdering), SupportOrdering),
        QueueDescription.Element(nameof(AutoDeleteOnIdle), AutoDeleteOnIdle),
        QueueDescription.Element(nameof(EnablePartitioning), EnablePartitioning),
        QueueDescription.Element(nameof(MaxMessageSizeInKilobytes), MaxMessageSizeInKilobytes));

    internal static TopicProperties Parse(string name, XElement xml) => new()
    {
        Name = name,
        AutoDeleteOnIdle = AtomFeed.Duration(xml, nameof(AutoDeleteOnIdle)),
        DefaultMessageTimeToLive = AtomFeed.Duration(xml, nameof(DefaultMessageTimeToLive)),
        DuplicateDetectionHistoryTimeWindow = AtomFeed.Duration(xml, nameof(DuplicateDetectionHistoryTimeWindow)),
        EnableBatchedOperations = AtomFeed.Boolean(xml, nameof(EnableBatchedOperations)),
        EnablePartitioning = AtomFeed.Boolean(xml, nameof(EnablePartitioning)),
        MaxMessageSizeInKilobytes = AtomFeed.Number(xml, nameof(MaxMessageSizeInKilobytes)),
        MaxSizeInMegabytes = AtomFeed.Number(xml, nameof(MaxSizeInMegabytes)),
        RequiresDuplicateDetection = AtomFeed.Boolean(xml, nameof(RequiresDuplicateDetection)),
        Status = AtomFeed.Text(xml, nameof(Status)),
        SupportOrdering = AtomFeed.Boolean(xml, nameof(SupportOrdering)),
        UserMetadata = AtomFeed.Text(xml, nameof(UserMetadata)),
    };
}

public class CreateTopicOptions
{
    public CreateTopicOptions(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
    }

    public TimeSpan AutoDeleteOnIdle { get; set; } = TimeSpan.MaxValue;

    public TimeSpan DefaultMessageTimeToLive { get; set; } = TimeSpan.MaxValue;

    public TimeSpan DuplicateDetectionHistoryTimeWindow { get; set; } = TimeSpan.FromMinutes(1);

    public bool EnableBatchedOperations { get; set; } = true;

    public bool EnablePartitioning { get; set; }

    public long? MaxMessageSizeInKilobytes { get; set; }

    public long MaxSizeInMegabytes { get; set; } = 1024;

    public string Name { get; set; }

    public bool RequiresDuplicateDetection { get; set; }

    public EntityStatus Status { get; set; } = EntityStatus.Active;

    public bool SupportOrdering { get; set; }

    public string UserMetadata { get; set; }

    internal TopicProperties ToProperties() => new()
    {
        AutoDeleteOnIdle = AutoDeleteOnIdle,
        DefaultMessageTimeToLive = DefaultMessageTimeToLive,
        DuplicateDetectionHistoryTimeWindow = DuplicateDetectionHistoryTimeWindow,
        EnableBatchedOperations = EnableBatchedOperations,
        EnablePartitioning = EnablePartitioning,
        MaxMessageSizeInKilobytes = MaxMessageSizeInKilobytes,
        MaxSizeInMegabytes = MaxSizeInMegabytes,
        Name = Name,
        RequiresDuplicateDetection = RequiresDuplicateDetection,
        Status = Status,
        SupportOrdering = SupportOrdering,
        UserMetadata = UserMetadata,
    };
}

public class TopicRuntimeProperties
{
    internal TopicRuntimeProperties(string name, XElement xml)
    {
        Name = name;
        SizeInBytes = AtomFeed.Number(xml, nameof(SizeInBytes));
        SubscriptionCount = (int)AtomFeed.Number(xml, nameof(SubscriptionCount));
        ScheduledMessageCount = AtomFeed.Number(AtomFeed.Child(xml, "CountDetails"), nameof(ScheduledMessageCount));
        CreatedAt = AtomFeed.Time(xml, nameof(CreatedAt));
        UpdatedAt = AtomFeed.Time(xml, nameof(UpdatedAt));
        AccessedAt = AtomFeed.Time(xml, nameof(AccessedAt));
    }

    public string Name { get; }

    public long SizeInBytes { get; }

    public int SubscriptionCount { get; }

    public long ScheduledMessageCount { get; }

    public DateTimeOffset CreatedAt { get; }

    public DateTimeOffset UpdatedAt { get; }

    public DateTimeOffset AccessedAt { get; }
}
