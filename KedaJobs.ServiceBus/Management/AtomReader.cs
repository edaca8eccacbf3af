using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace KedaJobs.ServiceBus.Management;

/// <summary>A value of an entry cannot be read; the message names it.</summary>
internal sealed class EntryFormatException(string message) : Exception(message);

/// <summary>Reads the entries that clients send.</summary>
internal static class AtomReader
{
    private static readonly XmlReaderSettings Settings = new() { Async = true, DtdProcessing = DtdProcessing.Prohibit, MaxCharactersInDocument = 256 * 1024 };

    /// <summary>Reads a queue's description. What the client does not mention keeps the value of <paramref name="defaults"/>.</summary>
    public static async Task<QueueOptions> ReadQueueAsync(Stream body, QueueOptions defaults, CancellationToken cancellationToken)
    {
        using var reader = XmlReader.Create(body, Settings);
        var document = await XDocument.LoadAsync(reader, LoadOptions.None, cancellationToken).ConfigureAwait(false);
        var description = document.Descendants().FirstOrDefault(element => element.Name.LocalName == "QueueDescription")
            ?? throw new EntryFormatException(
                "The entry has no QueueDescription. Topics and subscriptions are not supported by this broker.");
        var queue = defaults;
        foreach (var element in description.Elements())
        {
            queue = Read(queue, element);
        }

        return queue;
    }

    private static QueueOptions Read(QueueOptions queue, XElement element) => element.Name.LocalName switch
    {
        "LockDuration" => queue with { LockDuration = Duration(element) },
        "MaxSizeInMegabytes" => queue with { MaxSizeInMegabytes = Number(element) },
        "RequiresDuplicateDetection" => queue with { RequiresDuplicateDetection = Boolean(element) },
        "RequiresSession" => queue with { RequiresSession = Boolean(element) },
        "DefaultMessageTimeToLive" => queue with { DefaultMessageTimeToLive = Duration(element) },
        "DeadLetteringOnMessageExpiration" => queue with { DeadLetteringOnMessageExpiration = Boolean(element) },
        "DuplicateDetectionHistoryTimeWindow" => queue with { DuplicateDetectionHistoryTimeWindow = Duration(element) },
        "MaxDeliveryCount" => queue with { MaxDeliveryCount = Number(element) },
        "EnableBatchedOperations" => queue with { EnableBatchedOperations = Boolean(element) },
        "AuthorizationRules" => queue with { AuthorizationRules = [.. element.Elements().Select(Rule)] },
        "Status" => queue with { Status = Status(element) },
        "ForwardTo" => queue with { ForwardTo = Target(element) },
        "UserMetadata" => queue with { UserMetadata = Text(element) is { Length: > 0 } text ? text : null },
        "AutoDeleteOnIdle" => queue with { AutoDeleteOnIdle = Duration(element) },
        "EnablePartitioning" => queue with { EnablePartitioning = Boolean(element) },
        "ForwardDeadLetteredMessagesTo" => queue with { ForwardDeadLetteredMessagesTo = Target(element) },
        "MaxMessageSizeInKilobytes" => queue with { MaxMessageSizeInKilobytes = Number(element) },

        // Counts and times, which clients send back as they got them.
        _ => queue,
    };

    private static SharedAccessRule Rule(XElement element)
    {
        var name = Child(element, "KeyName");
        var key = Child(element, "PrimaryKey");
        var rights = element.Elements().FirstOrDefault(child => child.Name.LocalName == "Rights")?.Elements() ?? [];
        return name.Length == 0 || key.Length == 0
            ? throw new EntryFormatException("AuthorizationRules: each rule needs a KeyName and a PrimaryKey.")
            : new SharedAccessRule
            {
                Name = name,
                Key = key,
                SecondaryKey = Child(element, "SecondaryKey") is { Length: > 0 } secondary ? secondary : null,
                Rights = rights.Aggregate(AccessRights.None, (all, right) => all | AuthorizationRights.Parse(Text(right))),
            };
    }

    private static string Child(XElement element, string name) =>
        element.Elements().FirstOrDefault(child => child.Name.LocalName == name) is { } child ? Text(child) : "";

    /// <summary>The value of an element. Elements within would be joined, by a recursion as deep as they are nested.</summary>
    private static string Text(XElement element) =>
        element.HasElements ? throw new EntryFormatException($"{element.Name.LocalName}: a value was expected, not elements.") : element.Value;

    private static TimeSpan Duration(XElement element)
    {
        try
        {
            return XmlConvert.ToTimeSpan(Text(element).Trim());
        }
        catch (OverflowException)
        {
            // Some clients round their own largest value up.
            return TimeSpan.MaxValue;
        }
        catch (FormatException)
        {
            throw new EntryFormatException($"{element.Name.LocalName}: '{element.Value}' is not an ISO 8601 duration such as PT1M.");
        }
    }

    private static int Number(XElement element) =>
        int.TryParse(Text(element), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new EntryFormatException($"{element.Name.LocalName}: '{element.Value}' is not a whole number.");

    private static bool Boolean(XElement element) => Text(element).Trim() switch
    {
        "true" or "True" or "1" => true,
        "false" or "False" or "0" => false,
        _ => throw new EntryFormatException($"{element.Name.LocalName}: '{element.Value}' is neither true nor false."),
    };

    private static EntityStatus Status(XElement element) =>
        Enum.TryParse<EntityStatus>(Text(element), ignoreCase: true, out var status) && Enum.IsDefined(status)
            ? status
            : throw new EntryFormatException($"Status: '{element.Value}' is unknown; use Active, Disabled, SendDisabled or ReceiveDisabled.");

    /// <summary>Clients name the queue, or its whole URL.</summary>
    private static string? Target(XElement element)
    {
        var value = Text(element).Trim();
        if (value.Length == 0)
        {
            return null;
        }

        return Uri.TryCreate(value, UriKind.Absolute, out var url) ? Uri.UnescapeDataString(url.AbsolutePath).Trim('/') : value.Trim('/');
    }
}
