using System.Text.Json;
using static KedaJobs.ServiceBus.Host.EmulatorValues;

namespace KedaJobs.ServiceBus.Host;

/// <summary>
/// Topics of a configuration file:
/// <code>{ "Name": "...", "Properties": { ... }, "Subscriptions": [ { "Name": "...", "Properties": { ... }, "Rules": [ { "Name": "...", "Properties": {
///     "FilterType": "Sql", "SqlFilter": { "SqlExpression": "color = 'red'" }, "Action": { "SqlExpression": "SET seen = TRUE" } } } ] } ] }</code>
/// A subscription without rules takes everything.
/// </summary>
internal static class EmulatorTopics
{
    public static TopicOptions Topic(JsonElement element)
    {
        var name = Text(element, "Name");
        return Properties($"Topic '{name}'", element, new TopicOptions { Name = name }, Set) with
        {
            Subscriptions = [.. Items(element, "Subscriptions").Select(subscription => Subscription(name, subscription))],
        };
    }

    private static SubscriptionOptions Subscription(string topic, JsonElement element)
    {
        var name = Text(element, "Name");
        var entity = $"Subscription '{topic}/{name}'";
        var subscription = Properties(entity, element, new SubscriptionOptions { Name = name }, Set);
        var rules = Items(element, "Rules").Select(rule => Rule(entity, rule)).ToList();
        return rules.Count == 0 ? subscription : subscription with { Rules = rules };
    }

    private static RuleOptions Rule(string subscription, JsonElement element)
    {
        var name = Text(element, "Name");
        var entity = $"{subscription}, rule '{name}'";
        var type = Member(element, "Properties") is { } properties && Member(properties, "FilterType") is { } filterType ? filterType.GetString() : null;
        return Properties(entity, element, new RuleOptions { Name = name }, (rule, property, value) => property switch
        {
            "FilterType" when type is "Sql" or "SqlFilter" or "Correlation" or "CorrelationFilter" => rule,
            "FilterType" => throw new FormatException("use Sql or Correlation."),
            "SqlFilter" => rule with { Filter = new SqlFilter(Text(value, "SqlExpression")) { Parameters = Values(value, "Parameters") } },
            "CorrelationFilter" => rule with { Filter = Correlation(value) },
            "Action" => rule with
            {
                Action = Member(value, "SqlExpression") is { } expression && OptionalText(expression) is { } text
                    ? new SqlAction(text) { Parameters = Values(value, "Parameters") }
                    : null,
            },
            _ => null,
        });
    }

    private static CorrelationFilter Correlation(JsonElement element)
    {
        var filter = new CorrelationFilter { Properties = Values(element, "Properties") };
        foreach (var property in element.EnumerateObject().Where(property => property.Name != "Properties"))
        {
            var text = OptionalText(property.Value);
            filter = property.Name switch
            {
                "ContentType" => filter with { ContentType = text },
                "CorrelationId" => filter with { CorrelationId = text },
                "Label" or "Subject" => filter with { Subject = text },
                "MessageId" => filter with { MessageId = text },
                "ReplyTo" => filter with { ReplyTo = text },
                "ReplyToSessionId" => filter with { ReplyToSessionId = text },
                "SessionId" => filter with { SessionId = text },
                "To" => filter with { To = text },
                _ => throw new FormatException($"'{property.Name}' is unknown."),
            };
        }

        return filter;
    }

    private static Dictionary<string, object> Values(JsonElement element, string name) =>
        Member(element, name) is { } values ? values.EnumerateObject().ToDictionary(value => value.Name, value => Value(value.Value)) : [];

    private static object Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.TryGetInt64(out var number) ? (object)number : value.GetDouble(),
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        _ => throw new FormatException($"{value.GetRawText()} is neither a string, a number nor a boolean."),
    };

    private static TopicOptions? Set(TopicOptions topic, string name, JsonElement value) => name switch
    {
        "DefaultMessageTimeToLive" => topic with { DefaultMessageTimeToLive = Duration(value) },
        "DuplicateDetectionHistoryTimeWindow" => topic with { DuplicateDetectionHistoryTimeWindow = Duration(value) },
        "RequiresDuplicateDetection" => topic with { RequiresDuplicateDetection = value.GetBoolean() },
        "MaxSizeInMegabytes" => topic with { MaxSizeInMegabytes = value.GetInt32() },
        "MaxMessageSizeInKilobytes" => topic with { MaxMessageSizeInKilobytes = value.GetInt32() },
        "AutoDeleteOnIdle" => topic with { AutoDeleteOnIdle = Duration(value) },
        "FilteringMessagesBeforePublishing" => topic with { FilteringMessagesBeforePublishing = value.GetBoolean() },
        "SupportOrdering" => topic with { SupportOrdering = value.GetBoolean() },
        "UserMetadata" => topic with { UserMetadata = value.GetString() },
        "EnableBatchedOperations" => topic with { EnableBatchedOperations = value.GetBoolean() },
        "Status" => topic with { Status = Status(value) },
        _ => null,
    };

    private static SubscriptionOptions? Set(SubscriptionOptions subscription, string name, JsonElement value) => name switch
    {
        "LockDuration" => subscription with { LockDuration = Duration(value) },
        "MaxDeliveryCount" => subscription with { MaxDeliveryCount = value.GetInt32() },
        "DefaultMessageTimeToLive" => subscription with { DefaultMessageTimeToLive = Duration(value) },
        "DeadLetteringOnMessageExpiration" => subscription with { DeadLetteringOnMessageExpiration = value.GetBoolean() },
        "DeadLetteringOnFilterEvaluationExceptions" => subscription with { DeadLetteringOnFilterEvaluationExceptions = value.GetBoolean() },
        "RequiresSession" => subscription with { RequiresSession = value.GetBoolean() },
        "ForwardTo" => subscription with { ForwardTo = OptionalText(value) },
        "ForwardDeadLetteredMessagesTo" => subscription with { ForwardDeadLetteredMessagesTo = OptionalText(value) },
        "AutoDeleteOnIdle" => subscription with { AutoDeleteOnIdle = Duration(value) },
        "UserMetadata" => subscription with { UserMetadata = value.GetString() },
        "EnableBatchedOperations" => subscription with { EnableBatchedOperations = value.GetBoolean() },
        "Status" => subscription with { Status = Status(value) },
        _ => null,
    };
}
