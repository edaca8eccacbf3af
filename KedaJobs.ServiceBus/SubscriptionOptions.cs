namespace KedaJobs.ServiceBus;

/// <summary>
/// The declaration of a subscription: its own queue for copies of the topic's messages that its rules select. Defaults and allowed ranges
/// are those of Service Bus, as in <see cref="QueueOptions"/>.
/// </summary>
public sealed record SubscriptionOptions
{
    /// <summary>
    /// The subscription's name in its topic: 1 to 50 letters, digits, periods, hyphens and underscores, with a letter or
    /// digit first. Letter case does not matter.
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

    /// <summary>
    /// How long a message is kept, unless the message or the topic specifies a shorter time. Default unlimited; from 1 second.
    /// </summary>
    public TimeSpan DefaultMessageTimeToLive { get; init; } = QueueOptions.Unlimited;

    /// <summary>Whether an expired message goes to the dead-letter queue; otherwise it is dropped. Default false.</summary>
    public bool DeadLetteringOnMessageExpiration { get; init; }

    /// <summary>
    /// Whether a message for which a rule cannot be evaluated goes to the dead-letter queue;
    /// otherwise the rule does not match. Default true.
    /// </summary>
    public bool DeadLetteringOnFilterEvaluationExceptions { get; init; } = true;

    /// <summary>
    /// Whether every message belongs to a session and is received through it, in order; one without a session id is dead-lettered. Default
    /// false; cannot be changed later.
    /// </summary>
    public bool RequiresSession { get; init; }

    /// <summary>
    /// The queue or topic that every arriving message is forwarded to, by name or as an absolute URI (<c>sb://localhost/orders</c>); null
    /// for none. It must exist when this is created or changed; among declarations the order does not matter.
    /// </summary>
    public string? ForwardTo { get; init; }

    /// <summary>
    /// The queue or topic that takes the place of this subscription's dead-letter queue, named as
    /// in <see cref="ForwardTo"/>; null for none.
    /// </summary>
    public string? ForwardDeadLetteredMessagesTo { get; init; }

    /// <summary>
    /// Whether messages can be received from the subscription: <see cref="EntityStatus.Disabled"/> and
    /// <see cref="EntityStatus.ReceiveDisabled"/> prevent it. The subscription collects messages in any case. Default: they can.
    /// </summary>
    public EntityStatus Status { get; init; } = EntityStatus.Active;

    /// <summary>After how long without receivers and changes the subscription is deleted. Default never; from 5 minutes.</summary>
    public TimeSpan AutoDeleteOnIdle { get; init; } = QueueOptions.Unlimited;

    /// <summary>Free text of up to 1024 characters; null for none.</summary>
    public string? UserMetadata { get; init; }

    /// <summary>Shown to administration clients only: the broker groups operations as it sees fit. Default true.</summary>
    public bool EnableBatchedOperations { get; init; } = true;

    /// <summary>
    /// The rules that exist from the start. Default: one that selects everything, named <see cref="RuleOptions.DefaultName"/>.
    /// </summary>
    public IReadOnlyList<RuleOptions> Rules { get; init; } = [new RuleOptions()];

    /// <summary>What of it concerns the queue that holds the subscription's messages.</summary>
    internal QueueOptions ToQueue(TopicOptions topic) => new()
    {
        Name = $"{topic.Name}/Subscriptions/{Name}",
        LockDuration = LockDuration,
        MaxDeliveryCount = MaxDeliveryCount,
        DefaultMessageTimeToLive = DefaultMessageTimeToLive < topic.DefaultMessageTimeToLive
            ? DefaultMessageTimeToLive
            : topic.DefaultMessageTimeToLive,
        DeadLetteringOnMessageExpiration = DeadLetteringOnMessageExpiration,
        RequiresSession = RequiresSession,
        ForwardTo = ForwardTo,
        ForwardDeadLetteredMessagesTo = ForwardDeadLetteredMessagesTo,
        MaxSizeInMegabytes = topic.MaxSizeInMegabytes,
        MaxMessageSizeInKilobytes = topic.MaxMessageSizeInKilobytes,
        Status = Status,
        AutoDeleteOnIdle = AutoDeleteOnIdle,
        UserMetadata = UserMetadata,
        EnableBatchedOperations = EnableBatchedOperations,
    };
}
