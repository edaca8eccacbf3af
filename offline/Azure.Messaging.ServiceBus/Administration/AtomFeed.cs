using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>The ATOM documents that the management API speaks.</summary>
internal static class AtomFeed
{
    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";

    public static string Entry(XElement description) => new XDocument(
        new XElement(Atom + "entry", new XElement(Atom + "content", new XAttribute("type", "application/xml"), description)))
        .ToString(SaveOptions.DisableFormatting);

    /// <summary>Name and description of each entry: of one document, or of a feed of them.</summary>
    public static IEnumerable<(string Name, XElement Description)> Entries(Stream content)
    {
        var root = XDocument.Load(content).Root;
        var entries = root.Name.LocalName == "entry" ? [root] : root.Elements(Atom + "entry");
        foreach (var entry in entries)
        {
            var description = entry.Element(Atom + "content")?.Elements().FirstOrDefault();
            if (description is not null)
            {
                yield return (entry.Element(Atom + "title")?.Value, description);
            }
        }
    }

    public static QueueRuntimeProperties RuntimeProperties(string name, XElement description)
    {
        var counts = Child(description, "CountDetails");
        return new QueueRuntimeProperties(name)
        {
            TotalMessageCount = Number(description, "MessageCount"),
            SizeInBytes = Number(description, "SizeInBytes"),
            ActiveMessageCount = Number(counts, "ActiveMessageCount"),
            DeadLetterMessageCount = Number(counts, "DeadLetterMessageCount"),
            ScheduledMessageCount = Number(counts, "ScheduledMessageCount"),
            TransferMessageCount = Number(counts, "TransferMessageCount"),
            TransferDeadLetterMessageCount = Number(counts, "TransferDeadLetterMessageCount"),
            CreatedAt = Time(description, "CreatedAt"),
            UpdatedAt = Time(description, "UpdatedAt"),
            AccessedAt = Time(description, "AccessedAt"),
        };
    }

    /// <summary>Text of an error document's Detail, or the body as it is.</summary>
    public static string ErrorText(string body)
    {
        try
        {
            return Child(XDocument.Parse(body).Root, "Detail")?.Value ?? body;
        }
        catch (XmlException)
        {
            return body;
        }
    }

    public static XElement Child(XElement parent, string localName) =>
        parent?.Elements().FirstOrDefault(element => element.Name.LocalName == localName);

    public static long Number(XElement parent, string localName) =>
        long.TryParse(Child(parent, localName)?.Value, CultureInfo.InvariantCulture, out var number) ? number : 0;

    public static bool Boolean(XElement parent, string localName) => Child(parent, localName) is { } element && XmlConvert.ToBoolean(element.Value);

    public static string Text(XElement parent, string localName) =>
        Child(parent, localName)?.Value is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    public static TimeSpan Duration(XElement parent, string localName) =>
        Child(parent, localName) is { } element ? QueueDescription.Duration(element.Value) : TimeSpan.MaxValue;

    public static DateTimeOffset Time(XElement parent, string localName) =>
        DateTimeOffset.TryParse(Child(parent, localName)?.Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : default;
}
