using System.Text.Json;
using static KedaJobs.ServiceBus.Host.EmulatorValues;

namespace KedaJobs.ServiceBus.Host;

/// <summary>A configuration file cannot be used; the message says where and why.</summary>
internal sealed class ConfigurationException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>What a configuration file declares.</summary>
internal sealed record EmulatorEntities(IReadOnlyList<QueueOptions> Queues, IReadOnlyList<TopicOptions> Topics);

/// <summary>
/// Reads the Config.json of the official emulator (Microsoft Learn: "Test locally by using the Azure Service Bus emulator"):
/// <code>{ "UserConfig": { "Namespaces": [ { "Name": "...", "Queues": [ { "Name": "...", "Properties": { "LockDuration": "PT1M", ... } } ], "Topics": [ ... ] } ] } }</code>
/// </summary>
internal static class EmulatorConfiguration
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>The queues and topics that a file declares.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read, or has something that this broker does not know.</exception>
    public static EmulatorEntities Read(string path)
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

    /// <summary>The queues and topics that the text of a file declares.</summary>
    public static EmulatorEntities Parse(string json)
    {
        using var document = JsonDocument.Parse(json, Lenient);
        var user = Member(document.RootElement, "UserConfig")
            ?? throw new ConfigurationException("There is no 'UserConfig'. The format is that of the official emulator's Config.json.");
        var namespaces = Items(user, "Namespaces").ToList();
        return new EmulatorEntities(
            [.. namespaces.SelectMany(space => Items(space, "Queues").Select(Queue))],
            [.. namespaces.SelectMany(space => Items(space, "Topics").Select(EmulatorTopics.Topic))]);
    }

    private static QueueOptions Queue(JsonElement element)
    {
        var name = Text(element, "Name");
        return Properties($"Queue '{name}'", element, new QueueOptions { Name = name }, Set);
    }

    private static QueueOptions? Set(QueueOptions queue, string name, JsonElement value) => name switch
    {
        "LockDuration" => queue with { LockDuration = Duration(value) },
        "MaxDeliveryCount" => queue with { MaxDeliveryCount = value.GetInt32() },
        "DefaultMessageTimeToLive" => queue with { DefaultMessageTimeToLive = Duration(value) },
        "DeadLetteringOnMessageExpiration" => queue with { DeadLetteringOnMessageExpiration = value.GetBoolean() },
        "RequiresDuplicateDetection" => queue with { RequiresDuplicateDetection = value.GetBoolean() },
        "DuplicateDetectionHistoryTimeWindow" => queue with { DuplicateDetectionHistoryTimeWindow = Duration(value) },
        "RequiresSession" => queue with { RequiresSession = value.GetBoolean() },
        "ForwardTo" => queue with { ForwardTo = OptionalText(value) },
        "ForwardDeadLetteredMessagesTo" => queue with { ForwardDeadLetteredMessagesTo = OptionalText(value) },
        "MaxSizeInMegabytes" => queue with { MaxSizeInMegabytes = value.GetInt32() },
        "MaxMessageSizeInKilobytes" => queue with { MaxMessageSizeInKilobytes = value.GetInt32() },
        "AutoDeleteOnIdle" => queue with { AutoDeleteOnIdle = Duration(value) },
        "UserMetadata" => queue with { UserMetadata = value.GetString() },
        "EnableBatchedOperations" => queue with { EnableBatchedOperations = value.GetBoolean() },
        "Status" => queue with { Status = Status(value) },
        _ => null,
    };
}
