namespace KedaJobs.ServiceBus;

/// <summary>
/// The declaration of a topic: what is sent to it is copied to each of its subscriptions whose rules select it. Defaults and allowed ranges
/// are those of Service Bus, as in <see cref="QueueOptions"/>.
/// </summary>
public sealed record TopicOptions
{
    /// <summary>The topic's name, under the same rules as a queue's; no queue may have it.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// How long a message is kept in a subscription, unless the message or the subscription specifies a
    /// shorter time. Default unlimited; from 1 second.
    /// </summary>
    public TimeSpan DefaultMessageTimeToLive { get; init; } = QueueOptions.Unlimited;

    /// <summary>Whether a message with the id of an earlier one is accepted but dropped. Default false; cannot be changed later.</summary>
    public bool RequiresDuplicateDetection { get; init; }

    /// <summary>How long message ids are remembered for duplicate detection. Default 10 minutes; 5 seconds to 7 days.</summary>
    public TimeSpan DuplicateDetectionHistoryTimeWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How much the topic with all its subscriptions may hold, in MiB; each copy of a message counts. Default 1024; 1024 to 81920.
    /// </summary>
    public int MaxSizeInMegabytes { get; init; } = 1024;

    /// <summary>The largest message or batch, in KiB. Default 256 as in the Standard tier; 1 to 102400.</summary>
    public int MaxMessageSizeInKilobytes { get; init; } = 256;

    /// <summary>
    /// Whether messages can be sent to the topic: <see cref="EntityStatus.Disabled"/> and
    /// <see cref="EntityStatus.SendDisabled"/> prevent it. Default: they can.
    /// </summary>
    public EntityStatus Status { get; init; } = EntityStatus.Active;

    /// <summary>
    /// After how long without senders, scheduled messages, changes and use of its subscriptions the topic
    /// is deleted. Default never; from 5 minutes.
    /// </summary>
    public TimeSpan AutoDeleteOnIdle { get; init; } = QueueOptions.Unlimited;

    /// <summary>Whether a message that no subscription selects is rejected instead of dropped. Default false.</summary>
    public bool FilteringMessagesBeforePublishing { get; init; }

    /// <summary>Free text of up to 1024 characters; null for none.</summary>
    public string? UserMetadata { get; init; }

    /// <summary>Shown to administration clients only: messages keep their order in any case. Default true.</summary>
    public bool SupportOrdering { get; init; } = true;

    /// <summary>Shown to administration clients only: the broker groups operations as it sees fit. Default true.</summary>
    public bool EnableBatchedOperations { get; init; } = true;

    /// <summary>Shown to administration clients only: a single process has no partitions. Default false; cannot be changed later.</summary>
    public bool EnablePartitioning { get; init; }

    /// <summary>Shared access keys that are valid for this topic and its subscriptions only, beside those of the namespace.</summary>
    public IReadOnlyList<SharedAccessRule> AuthorizationRules { get; init; } = [];

    /// <summary>The subscriptions that exist from the start. Default none: they can also be created through the management API.</summary>
    public IReadOnlyList<SubscriptionOptions> Subscriptions { get; init; } = [];

    /// <summary>What of it concerns the queue in which scheduled messages wait and duplicates are found.</summary>
    internal QueueOptions ToIntake() => new()
    {
        Name = Name,
        DefaultMessageTimeToLive = DefaultMessageTimeToLive,
        RequiresDuplicateDetection = RequiresDuplicateDetection,
        DuplicateDetectionHistoryTimeWindow = DuplicateDetectionHistoryTimeWindow,
        MaxSizeInMegabytes = MaxSizeInMegabytes,
        MaxMessageSizeInKilobytes = MaxMessageSizeInKilobytes,
        Status = Status,
        AutoDeleteOnIdle = AutoDeleteOnIdle,
        UserMetadata = UserMetadata,
        EnableBatchedOperations = EnableBatchedOperations,
        EnablePartitioning = EnablePartitioning,
        AuthorizationRules = AuthorizationRules,
    };
}
