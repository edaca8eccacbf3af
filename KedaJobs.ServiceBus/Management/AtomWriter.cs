using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Management;

/// <summary>Writes entries and feeds.</summary>
internal static class AtomWriter
{
    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";
    internal static readonly XNamespace Description = "http://schemas.microsoft.com/netservices/2010/10/servicebus/connect";
    private static readonly XNamespace Counts = "http://schemas.microsoft.com/netservices/2011/06/servicebus";
    internal static readonly XNamespace Instance = "http://www.w3.org/2001/XMLSchema-instance";

    public static XElement NamespaceInfo(HttpRequest request, DateTime createdAt) => Entry(
        request,
        "$namespaceinfo",
        "$namespaceinfo",
        createdAt,
        createdAt,
        new XElement(
            Description + "NamespaceInfo",
            new XElement(Description + "CreatedTime", Time(createdAt)),
            new XElement(Description + "MessagingSKU", "Standard"),
            new XElement(Description + "ModifiedTime", Time(createdAt)),
            new XElement(Description + "Name", request.Host.Host),
            new XElement(Description + "NamespaceType", "Messaging")));

    /// <param name="request">The request, for links.</param>
    /// <param name="title">What is listed.</param>
    /// <param name="entries">One page of it.</param>
    /// <param name="updated">When the last of them changed.</param>
    /// <param name="next">Where the next page begins and how long pages are, if there is one.</param>
    public static XElement Feed(
        HttpRequest request, string title, IEnumerable<XElement> entries, DateTime updated, (int Skip, int Top)? next)
    {
        var self = $"{request.Scheme}://{request.Host}{request.Path}";
        return new XElement(
            Atom + "feed",
            new XElement(Atom + "title", new XAttribute("type", "text"), title),
            new XElement(Atom + "id", self),
            new XElement(Atom + "updated", Time(updated)),
            new XElement(Atom + "link", new XAttribute("rel", "self"), new XAttribute("href", self)),
            next is var (skip, top)
                ? new XElement(
                    Atom + "link",
                    new XAttribute("rel", "next"),
                    new XAttribute(
                        "href",
                        $"{self}?$skip={skip}&$top={top}&api-version={Uri.EscapeDataString(request.Query["api-version"].ToString())}"))
                : null,
            entries);
    }

    /// <param name="request">The request, for links.</param>
    /// <param name="path">The path of the entity.</param>
    /// <param name="name">Its name, which in a topic or subscription is the last part of the path only.</param>
    /// <param name="published">When it was created.</param>
    /// <param name="updated">When it changed last.</param>
    /// <param name="content">Its description.</param>
    public static XElement Entry(HttpRequest request, string path, string name, DateTime published, DateTime updated, XElement content)
    {
        // The JavaScript client takes the name from the id's path, the .NET client from the title.
        var id = $"{request.Scheme}://{request.Host}/{path}";
        return new XElement(
            Atom + "entry",
            new XElement(Atom + "id", id),
            new XElement(Atom + "title", new XAttribute("type", "text"), name),
            new XElement(Atom + "published", Time(published)),
            new XElement(Atom + "updated", Time(updated)),
            new XElement(Atom + "author", new XElement(Atom + "name", request.Host.Host)),
            new XElement(Atom + "link", new XAttribute("rel", "self"), new XAttribute("href", id)),
            new XElement(Atom + "content", new XAttribute("type", "application/xml"), content));
    }

    /// <summary>
    /// Whether the request's version has <c>MaxMessageSizeInKilobytes</c>: it came with 2021-05. A request that names no version gets
    /// everything.
    /// </summary>
    public static bool KnowsLargeMessages(HttpRequest request) =>
        request.Query["api-version"].ToString() is var version && (version.Length == 0 || string.CompareOrdinal(version, "2021-05") >= 0);

    /// <summary>
    /// With the namespace's prefix declared here and nothing else: the JavaScript client reads the
    /// prefix off this element's only attribute.
    /// </summary>
    public static XElement CountDetails(MessageCounts counts) => new(
        Description + "CountDetails",
        new XAttribute(XNamespace.Xmlns + "d2p1", Counts),
        new XElement(Counts + "ActiveMessageCount", counts.Active),
        new XElement(Counts + "DeadLetterMessageCount", counts.DeadLetter),
        new XElement(Counts + "ScheduledMessageCount", counts.Scheduled),
        new XElement(Counts + "TransferMessageCount", counts.Transfer),
        new XElement(Counts + "TransferDeadLetterMessageCount", counts.TransferDeadLetter));

    public static XElement AuthorizationRules(IReadOnlyList<SharedAccessRule> rules) => new(
        Description + "AuthorizationRules",
        rules.Select(rule => new XElement(
            Description + "AuthorizationRule",
            new XAttribute(Instance + "type", "SharedAccessAuthorizationRule"),
            new XElement(Description + "ClaimType", "SharedAccessKey"),
            new XElement(Description + "ClaimValue", "None"),
            new XElement(
                Description + "Rights",
                AuthorizationRights.NamesOf(rule.Rights).Select(right => new XElement(Description + "AccessRights", right))),
            new XElement(Description + "KeyName", rule.Name),
            new XElement(Description + "PrimaryKey", rule.Key),
            new XElement(Description + "SecondaryKey", rule.SecondaryKey ?? ""))));

    public static XElement Value(string name, object value) => new(Description + name, value);

    public static XElement Value(string name, TimeSpan value) => new(Description + name, XmlConvert.ToString(value));

    public static XElement? Optional(string name, string? value) =>
        string.IsNullOrEmpty(value) ? null : new XElement(Description + name, value);

    public static string Time(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);
}
