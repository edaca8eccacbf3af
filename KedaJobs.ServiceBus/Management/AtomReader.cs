using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace KedaJobs.ServiceBus.Management;

/// <summary>A value of an entry cannot be read; the message names it.</summary>
internal sealed class EntryFormatException(string message) : Exception(message);

/// <summary>Reads the entries that clients send.</summary>
internal static class AtomReader
{
    private static readonly XmlReaderSettings Settings =
        new() { Async = true, DtdProcessing = DtdProcessing.Prohibit, MaxCharactersInDocument = 256 * 1024 };

    /// <summary>Reads an entry, and gives the description that is in it.</summary>
    public static async Task<XElement> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        using var reader = XmlReader.Create(body, Settings);
        var document = await XDocument.LoadAsync(reader, LoadOptions.None, cancellationToken).ConfigureAwait(false);
        return document.Descendants().FirstOrDefault(element => element.Name.LocalName.EndsWith("Description", StringComparison.Ordinal))
            ?? throw new EntryFormatException(
                "The entry has no QueueDescription, TopicDescription, SubscriptionDescription or RuleDescription.");
    }

    /// <summary>Reads a description from its values, one after the other.</summary>
    /// <exception cref="EntryFormatException">It is the description of something else, or a value of it cannot be read.</exception>
    public static T Read<T>(XElement description, string name, T defaults, Func<T, XElement, T> read) => description.Name.LocalName == name
        ? description.Elements().Aggregate(defaults, read)
        : throw new EntryFormatException($"The entry has a {description.Name.LocalName} where a {name} belongs.");

    public static IReadOnlyList<SharedAccessRule> AuthorizationRules(XElement element) => [.. element.Elements().Select(AuthorizationRule)];

    private static SharedAccessRule AuthorizationRule(XElement element)
    {
        var name = Child(element, "KeyName");
        var key = Child(element, "PrimaryKey");
        var rights = Find(element, "Rights")?.Elements() ?? [];
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

    /// <summary>The text of a child element; empty if there is none.</summary>
    public static string Child(XElement element, string name) => Find(element, name) is { } child ? Text(child) : "";

    /// <summary>The value of an element. Elements within would be joined, by a recursion as deep as they are nested.</summary>
    public static string Text(XElement element) =>
        element.HasElements
            ? throw new EntryFormatException($"{element.Name.LocalName}: a value was expected, not elements.")
            : element.Value;

    public static XElement? Find(XElement element, string name) => element.Elements().FirstOrDefault(child => child.Name.LocalName == name);

    public static TimeSpan Duration(XElement element)
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

    public static int Number(XElement element) =>
        int.TryParse(Text(element), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new EntryFormatException($"{element.Name.LocalName}: '{element.Value}' is not a whole number.");

    public static bool Boolean(XElement element) => Text(element).Trim() switch
    {
        "true" or "True" or "1" => true,
        "false" or "False" or "0" => false,
        _ => throw new EntryFormatException($"{element.Name.LocalName}: '{element.Value}' is neither true nor false."),
    };

    /// <summary>A switch that this broker does not have: it may be mentioned, but not be on.</summary>
    public static T Unsupported<T>(XElement element, T current) => Boolean(element)
        ? throw new EntryFormatException($"{element.Name.LocalName}: this broker doesn't support it. Leave it out, or set it to false.")
        : current;

    public static EntityStatus Status(XElement element) =>
        Enum.GetNames<EntityStatus>().Contains(Text(element), StringComparer.OrdinalIgnoreCase)
            ? Enum.Parse<EntityStatus>(Text(element), ignoreCase: true)
            : throw new EntryFormatException(
                $"Status: '{element.Value}' is unknown; use Active, Disabled, SendDisabled or ReceiveDisabled.");

    /// <summary>The value of an element, or null if it is empty.</summary>
    public static string? OptionalText(XElement element) => Text(element) is { Length: > 0 } text ? text : null;

    /// <summary>What is forwarded to: clients name the queue or topic, or its whole URI, and want back what they sent.</summary>
    public static string? Target(XElement element) => Text(element).Trim() is { Length: > 0 } text ? text : null;
}
