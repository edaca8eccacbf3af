using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;

namespace Aspire.Hosting.Azure;

/// <summary>The declared entities in the emulator's own terms, with only what was set of them.</summary>
internal static class EmulatorConfiguration
{
    public static JsonObject Of(AzureServiceBusResource bus) => new()
    {
        ["UserConfig"] = new JsonObject
        {
            ["Namespaces"] = new JsonArray(new JsonObject
            {
                ["Name"] = bus.Name,
                ["Queues"] = List(bus.Queues, Queue),
                ["Topics"] = List(bus.Topics, Topic),
            }),
            ["Logging"] = new JsonObject { ["Type"] = "File" },
        },
    };

    private static JsonObject Queue(AzureServiceBusQueueResource queue) => Entity(queue.QueueName, Properties(
        ("DeadLetteringOnMessageExpiration", queue.DeadLetteringOnMessageExpiration),
        ("DefaultMessageTimeToLive", Duration(queue.DefaultMessageTimeToLive)),
        ("DuplicateDetectionHistoryTimeWindow", Duration(queue.DuplicateDetectionHistoryTimeWindow)),
        ("ForwardDeadLetteredMessagesTo", queue.ForwardDeadLetteredMessagesTo),
        ("ForwardTo", queue.ForwardTo),
        ("LockDuration", Duration(queue.LockDuration)),
        ("MaxDeliveryCount", queue.MaxDeliveryCount),
        ("RequiresDuplicateDetection", queue.RequiresDuplicateDetection),
        ("RequiresSession", queue.RequiresSession)));

    private static JsonObject Topic(AzureServiceBusTopicResource topic)
    {
        var entity = Entity(topic.TopicName, Properties(
            ("DefaultMessageTimeToLive", Duration(topic.DefaultMessageTimeToLive)),
            ("DuplicateDetectionHistoryTimeWindow", Duration(topic.DuplicateDetectionHistoryTimeWindow)),
            ("RequiresDuplicateDetection", topic.RequiresDuplicateDetection)));
        entity["Subscriptions"] = List(topic.Subscriptions, Subscription);
        return entity;
    }

    private static JsonObject Subscription(AzureServiceBusSubscriptionResource subscription)
    {
        var entity = Entity(subscription.SubscriptionName, Properties(
            ("DeadLetteringOnMessageExpiration", subscription.DeadLetteringOnMessageExpiration),
            ("DefaultMessageTimeToLive", Duration(subscription.DefaultMessageTimeToLive)),
            ("ForwardDeadLetteredMessagesTo", subscription.ForwardDeadLetteredMessagesTo),
            ("ForwardTo", subscription.ForwardTo),
            ("LockDuration", Duration(subscription.LockDuration)),
            ("MaxDeliveryCount", subscription.MaxDeliveryCount),
            ("RequiresSession", subscription.RequiresSession)));
        entity["Rules"] = List(subscription.Rules, Rule);
        return entity;
    }

    private static JsonObject Rule(AzureServiceBusRule rule)
    {
        var filter = rule.CorrelationFilter;
        return Entity(rule.Name, Properties(
            ("FilterType", rule.FilterType == AzureServiceBusFilterType.SqlFilter ? "Sql" : "Correlation"),
            ("CorrelationFilter", Properties(
                ("Properties", filter.Properties.Count == 0 ? null : JsonSerializer.SerializeToNode(filter.Properties)),
                ("CorrelationId", filter.CorrelationId),
                ("MessageId", filter.MessageId),
                ("To", filter.SendTo),
                ("ReplyTo", filter.ReplyTo),
                ("Label", filter.Subject),
                ("SessionId", filter.SessionId),
                ("ReplyToSessionId", filter.ReplyToSessionId),
                ("ContentType", filter.ContentType),
                ("RequiresPreprocessing", filter.RequiresPreprocessing)))));
    }

    private static JsonObject Entity(string name, JsonObject properties) => new() { ["Name"] = name, ["Properties"] = properties };

    private static JsonObject Properties(params (string Name, JsonNode? Value)[] properties) =>
        new(properties.Where(property => property.Value is not null)
            .Select(property => KeyValuePair.Create(property.Name, property.Value)));

    private static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonObject> write) => [.. items.Select(write)];

    private static string? Duration(TimeSpan? value) => value is { } duration ? XmlConvert.ToString(duration) : null;
}
