using System.Text.Json;
using System.Xml;

namespace KedaJobs.ServiceBus.Host;

/// <summary>A configuration file cannot be used; the message says where and why.</summary>
internal sealed class ConfigurationException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Reads the Config.json of the official emulator (Microsoft Learn: "Test locally by using the Azure Service Bus emulator"):
/// <code>{ "UserConfig": { "Namespaces": [ { "Name": "...", "Queues": [ { "Name": "...", "Properties": { "LockDuration": "PT1M", ... } } ] } ] } }</code>
/// </summary>
internal static class EmulatorConfiguration
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>The queues that a file declares.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read, or has something that this broker does not know.</exception>
    public static IReadOnlyList<QueueOptions> Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (JsonException malformed)
        {
            throw new ConfigurationException($"{path} is not JSON: {malformed.Message}", malformed);
        }
        catch (ConfigurationException wrong)
        {
            throw new ConfigurationException($"{path}: {wrong.Message}", wrong);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path} cannot be read: {unreadable.Message}", unreadable);
        }
    }

    /// <summary>The queues that the text of a file declares.</summary>
    public static IReadOnlyList<QueueOptions> Parse(string json)
    {
        using var document = JsonDocument.Parse(json, Lenient);
        var user = Member(document.RootElement, "UserConfig")
            ?? throw new ConfigurationException("There is no 'UserConfig'. The format is that of the official emulator's Config.json.");
        var queues = new List<QueueOptions>();
        foreach (var space in Items(user, "Namespaces"))
        {
            if (Items(space, "Topics").FirstOrDefault() is { ValueKind: not JsonValueKind.Undefined } topic)
            {
                throw new ConfigurationException($"The topic '{Text(topic, "Name")}' cannot be created: this broker has queues only. Remove it from the file.");
            }

            queues.AddRange(Items(space, "Queues").Select(Queue));
        }

        return queues;
    }

    private static QueueOptions Queue(JsonElement element)
    {
        var queue = new QueueOptions { Name = Text(element, "Name") };
        if (Member(element, "Properties") is { } properties)
        {
            foreach (var property in properties.EnumerateObject())
            {
                queue = Set(queue, property.Name, property.Value);
            }
        }

        return queue;
    }

    private static QueueOptions Set(QueueOptions queue, string name, JsonElement value)
    {
        try
        {
            return name switch
            {
                "LockDuration" => queue with { LockDuration = Duration(value) },
                "MaxDeliveryCount" => queue with { MaxDeliveryCount = value.GetInt32() },
                "DefaultMessageTimeToLive" => queue with { DefaultMessageTimeToLive = Duration(value) },
                "DeadLetteringOnMessageExpiration" => queue with { DeadLetteringOnMessageExpiration = value.GetBoolean() },
                "RequiresDuplicateDetection" => queue with { RequiresDuplicateDetection = value.GetBoolean() },
                "DuplicateDetectionHistoryTimeWindow" => queue with { DuplicateDetectionHistoryTimeWindow = Duration(value) },
                "RequiresSession" => queue with { RequiresSession = value.GetBoolean() },
                "ForwardTo" => queue with { ForwardTo = Target(value) },
                "ForwardDeadLetteredMessagesTo" => queue with { ForwardDeadLetteredMessagesTo = Target(value) },
                "MaxSizeInMegabytes" => queue with { MaxSizeInMegabytes = value.GetInt32() },
                "MaxMessageSizeInKilobytes" => queue with { MaxMessageSizeInKilobytes = value.GetInt32() },
                "AutoDeleteOnIdle" => queue with { AutoDeleteOnIdle = Duration(value) },
                "UserMetadata" => queue with { UserMetadata = value.GetString() },
                "EnableBatchedOperations" => queue with { EnableBatchedOperations = value.GetBoolean() },
                "Status" => queue with { Status = Enum.Parse<EntityStatus>(value.GetString() ?? "", ignoreCase: true) },
                _ => throw new ConfigurationException($"Queue '{queue.Name}': the property '{name}' is unknown."),
            };
        }
        catch (Exception wrong) when (wrong is FormatException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw new ConfigurationException($"Queue '{queue.Name}': {name} cannot be {value.GetRawText()}: {wrong.Message}", wrong);
        }
    }

    private static TimeSpan Duration(JsonElement value) => XmlConvert.ToTimeSpan(value.GetString() ?? "");

    private static string? Target(JsonElement value) => value.GetString() is { Length: > 0 } target ? target : null;

    private static string Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } text
            ? text.GetString()!
            : throw new ConfigurationException($"A queue or topic has no '{name}'.");

    private static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? member
            : null;

    private static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : [];
}
