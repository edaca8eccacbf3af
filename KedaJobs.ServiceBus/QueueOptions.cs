namespace KedaJobs.ServiceBus;

/// <summary>
/// The declaration of a queue. Defaults and allowed ranges are those of Service Bus (Microsoft Learn: "Service Bus quotas" and the
/// management API's QueueDescription). A value out of its range is refused when the broker starts, or with status 400 over HTTP.
/// </summary>
public sealed record QueueOptions
{
    /// <summary>The duration that Service Bus uses for "unlimited".</summary>
    public static readonly TimeSpan Unlimited = TimeSpan.MaxValue;

    /// <summary>
    /// The queue's name: 1 to 260 letters, digits, periods, hyphens, underscores and slashes, with a letter or digit first and no slash
    /// last. "/Subscriptions/" must not be in it: that names the subscriptions of topics. Letter case does not matter.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>
    /// How long a received message (or an accepted session) stays locked for its receiver. Default 1 minute; 1 second to 5 minutes, though
    /// the official emulator takes no less than 5 seconds.
    /// </summary>
    public TimeSpan LockDuration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// After how many unsuccessful deliveries a message goes to the dead-letter queue. Default 10;
    /// from 1. The Azure portal allows up to 2000.
    /// </summary>
    public int MaxDeliveryCount { get; init; } = 10;

    /// <summary>How long a message is kept, unless it specifies a shorter time itself. Default unlimited; from 1 second.</summary>
    public TimeSpan DefaultMessageTimeToLive { get; init; } = Unlimited;

    /// <summary>Whether an expired message goes to the dead-letter queue; otherwise it is dropped. Default false.</summary>
    public bool DeadLetteringOnMessageExpiration { get; init; }

    /// <summary>Whether a message with the id of an earlier one is accepted but dropped. Default false; cannot be changed later.</summary>
    public bool RequiresDuplicateDetection { get; init; }

    /// <summary>How long message ids are remembered for duplicate detection. Default 10 minutes; 5 seconds to 7 days.</summary>
    public TimeSpan DuplicateDetectionHistoryTimeWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Whether every message belongs to a session and is received through it, in order. Default false; cannot be changed later.
    /// </summary>
    public bool RequiresSession { get; init; }

    /// <summary>
    /// The queue or topic that every arriving message is forwarded to, by name or as an absolute URI (<c>sb://localhost/orders</c>); null
    /// for none. It must exist when this is created or changed; among declarations the order does not matter.
    /// </summary>
    public string? ForwardTo { get; init; }

    /// <summary>
    /// The queue or topic that takes the place of this queue's dead-letter queue, named as in <see cref="ForwardTo"/>; null for none.
    /// </summary>
    public string? ForwardDeadLetteredMessagesTo { get; init; }

    /// <summary>How much the queue may hold, dead letters included, in MiB. Default 1024; 1024 to 81920.</summary>
    public int MaxSizeInMegabytes { get; init; } = 1024;

    /// <summary>The largest message or batch, in KiB. Default 256 as in the Standard tier; 1 to 102400.</summary>
    public int MaxMessageSizeInKilobytes { get; init; } = 256;

    /// <summary>Whether messages can be sent to and received from the queue. Default: both.</summary>
    public EntityStatus Status { get; init; } = EntityStatus.Active;

    /// <summary>After how long without senders, receivers and changes the queue is deleted. Default never; from 5 minutes.</summary>
    public TimeSpan AutoDeleteOnIdle { get; init; } = Unlimited;

    /// <summary>Free text of up to 1024 characters; null for none.</summary>
    public string? UserMetadata { get; init; }

    /// <summary>Shown to administration clients only: the broker groups operations as it sees fit. Default true.</summary>
    public bool EnableBatchedOperations { get; init; } = true;

    /// <summary>Shown to administration clients only: a single process has no partitions. Default false; cannot be changed later.</summary>
    public bool EnablePartitioning { get; init; }

    /// <summary>Shared access keys that are valid for this queue only, beside those of the namespace.</summary>
    public IReadOnlyList<SharedAccessRule> AuthorizationRules { get; init; } = [];
}
