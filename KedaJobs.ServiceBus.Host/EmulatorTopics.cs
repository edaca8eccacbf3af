namespace KedaJobs.ServiceBus.Host;

/// <summary>
/// Topics of a configuration file and their subscriptions:
/// <code>{ "Name": "...", "Properties": { ... }, "Subscriptions": [ { "Name": "...", "Properties": { ... }, "Rules": [ ... ] } ] }</code>
/// A subscription without rules takes everything.
/// </summary>
internal static class EmulatorTopics
{
    private static readonly Dictionary<string, Func<TopicOptions, ConfigNode, TopicOptions>> Properties = new()
    {
        ["DefaultMessageTimeToLive"] = (topic, value) => topic with { DefaultMessageTimeToLive = value.Duration() },
        ["DuplicateDetectionHistoryTimeWindow"] = (topic, value) => topic with { DuplicateDetectionHistoryTimeWindow = value.Duration() },
        ["RequiresDuplicateDetection"] = (topic, value) => topic with { RequiresDuplicateDetection = value.Boolean() },

        // The official emulator does not know the following.
        ["AutoDeleteOnIdle"] = (topic, value) => topic with { AutoDeleteOnIdle = value.Duration() },
        ["EnableBatchedOperations"] = (topic, value) => topic with { EnableBatchedOperations = value.Boolean() },
        ["FilteringMessagesBeforePublishing"] = (topic, value) => topic with { FilteringMessagesBeforePublishing = value.Boolean() },
        ["MaxMessageSizeInKilobytes"] = (topic, value) => topic with { MaxMessageSizeInKilobytes = value.Number() },
        ["MaxSizeInMegabytes"] = (topic, value) => topic with { MaxSizeInMegabytes = value.Number() },
        ["Status"] = (topic, value) => topic with { Status = EmulatorQueues.Status(value) },
        ["SupportOrdering"] = (topic, value) => topic with { SupportOrdering = value.Boolean() },
        ["UserMetadata"] = (topic, value) => topic with { UserMetadata = value.OptionalText() },
    };

    private static readonly Dictionary<string, Func<SubscriptionOptions, ConfigNode, SubscriptionOptions>> SubscriptionProperties = new()
    {
        ["DeadLetteringOnMessageExpiration"] =
            (subscription, value) => subscription with { DeadLetteringOnMessageExpiration = value.Boolean() },
        ["DefaultMessageTimeToLive"] = (subscription, value) => subscription with { DefaultMessageTimeToLive = value.Duration() },
        ["ForwardDeadLetteredMessagesTo"] =
            (subscription, value) => subscription with { ForwardDeadLetteredMessagesTo = value.OptionalText() },
        ["ForwardTo"] = (subscription, value) => subscription with { ForwardTo = value.OptionalText() },
        ["LockDuration"] = (subscription, value) => subscription with { LockDuration = value.Duration() },
        ["MaxDeliveryCount"] = (subscription, value) => subscription with { MaxDeliveryCount = value.Number() },
        ["RequiresSession"] = (subscription, value) => subscription with { RequiresSession = value.Boolean() },

        // The official emulator does not know the following.
        ["AutoDeleteOnIdle"] = (subscription, value) => subscription with { AutoDeleteOnIdle = value.Duration() },
        ["DeadLetteringOnFilterEvaluationExceptions"] =
            (subscription, value) => subscription with { DeadLetteringOnFilterEvaluationExceptions = value.Boolean() },
        ["EnableBatchedOperations"] = (subscription, value) => subscription with { EnableBatchedOperations = value.Boolean() },
        ["Status"] = (subscription, value) => subscription with { Status = EmulatorQueues.Status(value) },
        ["UserMetadata"] = (subscription, value) => subscription with { UserMetadata = value.OptionalText() },
    };

    /// <returns>The topic, and where each of its subscriptions stands.</returns>
    public static (TopicOptions Topic, IReadOnlyList<ConfigNode> Subscriptions) Read(ConfigNode node)
    {
        var members = node.Members("Name", "Properties", "Subscriptions");
        var topic = EmulatorQueues.Set(members, new TopicOptions { Name = EmulatorQueues.Name(node, members) }, Properties);
        node.Refuse(TopicOptionsValidator.Validate(topic), EmulatorQueues.PlaceOf);
        var subscriptions = members.GetValueOrDefault("Subscriptions")?.Items() ?? [];
        return (topic with { Subscriptions = [.. subscriptions.Select(subscription => Subscription(topic, subscription))] }, subscriptions);
    }

    private static SubscriptionOptions Subscription(TopicOptions topic, ConfigNode node)
    {
        var members = node.Members("Name", "Properties", "Rules");
        var subscription = EmulatorQueues.Set(
            members, new SubscriptionOptions { Name = EmulatorQueues.Name(node, members) }, SubscriptionProperties);
        node.Refuse(TopicOptionsValidator.Validate(topic, subscription), EmulatorQueues.PlaceOf);
        return members.TryGetValue("Rules", out var rules) && EmulatorRules.Read(rules) is { Count: > 0 } declared
            ? subscription with { Rules = declared }
            : subscription;
    }
}
