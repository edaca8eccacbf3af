using System.Text.Json;
using System.Text.Json.Serialization;

namespace KedaJobs.Scaling.Definitions;

/// <summary>What the worker does with a queue, topic or subscription. It determines the worker's role assignments.</summary>
[JsonConverter(typeof(CamelCaseEnum<EntityAccess>))]
public enum EntityAccess
{
    /// <summary>It receives from it.</summary>
    Receive,

    /// <summary>It sends to it.</summary>
    Send,
}

/// <summary>Who signs in with an identity.</summary>
[JsonConverter(typeof(CamelCaseEnum<IdentityUse>))]
public enum IdentityUse
{
    /// <summary>The worker's code.</summary>
    Worker,

    /// <summary>Scale rules only; the containers cannot use it.</summary>
    ScaleRule,
}

/// <summary>A queue. Properties that are null were not declared: Service Bus's defaults apply.</summary>
public sealed record QueueDefinition
{
    /// <summary>Its name in the namespace.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The worker's connection name: <c>ConnectionStrings__NAME</c> in its environment. Null: the worker has no reference to it.
    /// </summary>
    public string? ConnectionName { get; init; }

    /// <summary>Further names of the same connection. Null: none.</summary>
    public IReadOnlyList<string>? FurtherConnectionNames { get; init; }

    /// <summary>What the worker does with it.</summary>
    public IReadOnlyList<EntityAccess> Access { get; init => field = value ?? []; } = [];

    /// <summary>How long a message stays locked for its receiver. 5 to 300 seconds.</summary>
    public decimal? LockDurationSeconds { get; init; }

    /// <summary>Deliveries after which a message is dead-lettered. 1 to 2000.</summary>
    public int? MaxDeliveryCount { get; init; }

    /// <summary>How long a message is kept, unless it specifies its own time to live.</summary>
    public decimal? DefaultMessageTimeToLiveSeconds { get; init; }

    /// <summary>Whether expired messages are dead-lettered.</summary>
    public bool? DeadLetteringOnMessageExpiration { get; init; }

    /// <summary>Whether a second message with the same id is dropped.</summary>
    public bool? RequiresDuplicateDetection { get; init; }

    /// <summary>How long ids are remembered for that. 20 seconds to 7 days.</summary>
    public decimal? DuplicateDetectionHistoryTimeWindowSeconds { get; init; }

    /// <summary>Whether messages are grouped in sessions.</summary>
    public bool? RequiresSession { get; init; }

    /// <summary>The queue or topic that messages are forwarded to.</summary>
    public string? ForwardTo { get; init; }

    /// <summary>The queue or topic that dead-lettered messages are forwarded to.</summary>
    public string? ForwardDeadLetteredMessagesTo { get; init; }
}

/// <summary>A topic. Properties that are null were not declared: Service Bus's defaults apply.</summary>
public sealed record TopicDefinition
{
    /// <summary>Its name in the namespace.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The worker's connection name: <c>ConnectionStrings__NAME</c> in its environment. Null: the worker has no reference to it.
    /// </summary>
    public string? ConnectionName { get; init; }

    /// <summary>Further names of the same connection. Null: none.</summary>
    public IReadOnlyList<string>? FurtherConnectionNames { get; init; }

    /// <summary>What the worker does with it: send, or nothing.</summary>
    public IReadOnlyList<EntityAccess> Access { get; init => field = value ?? []; } = [];

    /// <summary>How long a message is kept, unless it specifies its own time to live.</summary>
    public decimal? DefaultMessageTimeToLiveSeconds { get; init; }

    /// <summary>Whether a second message with the same id is dropped.</summary>
    public bool? RequiresDuplicateDetection { get; init; }

    /// <summary>How long ids are remembered for that. 20 seconds to 7 days.</summary>
    public decimal? DuplicateDetectionHistoryTimeWindowSeconds { get; init; }

    /// <summary>The topic's subscriptions that the job uses.</summary>
    public IReadOnlyList<SubscriptionDefinition> Subscriptions { get; init => field = value ?? []; } = [];
}

/// <summary>A topic's subscription. Properties that are null were not declared: Service Bus's defaults apply.</summary>
public sealed record SubscriptionDefinition
{
    /// <summary>Its name in the topic.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The worker's connection name: <c>ConnectionStrings__NAME</c> in its environment. Null: the worker has no reference to it.
    /// </summary>
    public string? ConnectionName { get; init; }

    /// <summary>Further names of the same connection. Null: none.</summary>
    public IReadOnlyList<string>? FurtherConnectionNames { get; init; }

    /// <summary>What the worker does with it: receive, or nothing.</summary>
    public IReadOnlyList<EntityAccess> Access { get; init => field = value ?? []; } = [];

    /// <summary>How long a message stays locked for its receiver. 5 to 300 seconds.</summary>
    public decimal? LockDurationSeconds { get; init; }

    /// <summary>Deliveries after which a message is dead-lettered. 1 to 2000.</summary>
    public int? MaxDeliveryCount { get; init; }

    /// <summary>How long a message is kept, unless it specifies its own time to live.</summary>
    public decimal? DefaultMessageTimeToLiveSeconds { get; init; }

    /// <summary>Whether expired messages are dead-lettered.</summary>
    public bool? DeadLetteringOnMessageExpiration { get; init; }

    /// <summary>Whether messages are grouped in sessions.</summary>
    public bool? RequiresSession { get; init; }

    /// <summary>The queue or topic that messages are forwarded to.</summary>
    public string? ForwardTo { get; init; }

    /// <summary>The queue or topic that dead-lettered messages are forwarded to.</summary>
    public string? ForwardDeadLetteredMessagesTo { get; init; }

    /// <summary>
    /// Which messages of the topic it gets: those that at least one of the rules matches. Null: all of them,
    /// by Service Bus's own rule <c>$Default</c>.
    /// </summary>
    public IReadOnlyList<SubscriptionRuleDefinition>? Rules { get; init; }
}

/// <summary>A rule of a subscription: one filter, and what is done to the messages that match it.</summary>
public sealed record SubscriptionRuleDefinition
{
    /// <summary>Its name in the subscription.</summary>
    public required string Name { get; init; }

    /// <summary>Matches messages whose properties equal all of these; or null with <see cref="SqlFilter"/>.</summary>
    public CorrelationFilterDefinition? CorrelationFilter { get; init; }

    /// <summary>Matches messages by a SQL expression, at most 1024 characters; or null with <see cref="CorrelationFilter"/>.</summary>
    public string? SqlFilter { get; init; }

    /// <summary>A SQL expression that changes the matching messages. Null: they are not changed.</summary>
    public string? Action { get; init; }
}

/// <summary>What a message must equal. Null: anything.</summary>
public sealed record CorrelationFilterDefinition
{
    /// <summary>The message's correlation id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The message's id.</summary>
    public string? MessageId { get; init; }

    /// <summary>The message's To.</summary>
    public string? To { get; init; }

    /// <summary>The message's ReplyTo.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>The message's subject, which Azure's management API calls label.</summary>
    public string? Subject { get; init; }

    /// <summary>The message's session id.</summary>
    public string? SessionId { get; init; }

    /// <summary>The message's ReplyToSessionId.</summary>
    public string? ReplyToSessionId { get; init; }

    /// <summary>The message's content type.</summary>
    public string? ContentType { get; init; }

    /// <summary>Application properties of the message. Null: none are compared.</summary>
    public IReadOnlyDictionary<string, string>? Properties { get; init; }

    /// <summary>Azure's <c>requiresPreprocessing</c> of the filter. Null: not declared.</summary>
    public bool? RequiresPreprocessing { get; init; }
}

/// <summary>Enumerations as camelCase words, never as numbers.</summary>
internal sealed class CamelCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
