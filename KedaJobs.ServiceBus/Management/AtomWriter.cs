using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace KedaJobs.ServiceBus.Management;

/// <summary>Writes entries and feeds.</summary>
internal static class AtomWriter
{
    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";
    private static readonly XNamespace Description = "http://schemas.microsoft.com/netservices/2010/10/servicebus/connect";
    private static readonly XNamespace Counts = "http://schemas.microsoft.com/netservices/2011/06/servicebus";
    private static readonly XNamespace Instance = "http://www.w3.org/2001/XMLSchema-instance";

    public static XElement Entry(HttpRequest request, QueueView queue) => Entry(request, queue.Options.Name, queue.CreatedAt, queue.UpdatedAt, Queue(queue));

    public static XElement NamespaceInfo(HttpRequest request, DateTime createdAt) => Entry(
        request,
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
    /// <param name="queues">One page of it.</param>
    /// <param name="next">Where the next page begins and how long pages are, if there is one.</param>
    public static XElement Feed(HttpRequest request, string title, IReadOnlyList<QueueView> queues, (int Skip, int Top)? next)
    {
        var self = $"{request.Scheme}://{request.Host}{request.Path}";
        return new XElement(
            Atom + "feed",
            new XElement(Atom + "title", new XAttribute("type", "text"), title),
            new XElement(Atom + "id", self),
            new XElement(Atom + "updated", Time(queues.Select(queue => queue.UpdatedAt).DefaultIfEmpty(DateTime.UnixEpoch).Max())),
            new XElement(Atom + "link", new XAttribute("rel", "self"), new XAttribute("href", self)),
            next is var (skip, top)
                ? new XElement(
                    Atom + "link",
                    new XAttribute("rel", "next"),
                    new XAttribute("href", $"{self}?$skip={skip}&$top={top}&api-version={Uri.EscapeDataString(request.Query["api-version"].ToString())}"))
                : null,
            queues.Select(queue => Entry(request, queue)));
    }

    private static XElement Entry(HttpRequest request, string name, DateTime published, DateTime updated, XElement content)
    {
        // The JavaScript client takes the name from the id's path, the .NET client from the title.
        var id = $"{request.Scheme}://{request.Host}/{name}";
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

    /// <summary>The description, its children in the order of the schema.</summary>
    private static XElement Queue(QueueView queue)
    {
        var options = queue.Options;
        return new XElement(
            Description + "QueueDescription",
            new XAttribute(XNamespace.Xmlns + "i", Instance),
            Value("LockDuration", options.LockDuration),
            Value("MaxSizeInMegabytes", options.MaxSizeInMegabytes),
            Value("RequiresDuplicateDetection", options.RequiresDuplicateDetection),
            Value("RequiresSession", options.RequiresSession),
            Value("DefaultMessageTimeToLive", options.DefaultMessageTimeToLive),
            Value("DeadLetteringOnMessageExpiration", options.DeadLetteringOnMessageExpiration),
            Value("DuplicateDetectionHistoryTimeWindow", options.DuplicateDetectionHistoryTimeWindow),
            Value("MaxDeliveryCount", options.MaxDeliveryCount),
            Value("EnableBatchedOperations", options.EnableBatchedOperations),
            Value("SizeInBytes", queue.Counts.SizeInBytes),
            Value("MessageCount", queue.Counts.Total),
            Value("IsAnonymousAccessible", false),
            AuthorizationRules(options),
            Value("Status", options.Status.ToString()),
            Optional("ForwardTo", options.ForwardTo),
            Optional("UserMetadata", options.UserMetadata),
            Value("CreatedAt", Time(queue.CreatedAt)),
            Value("UpdatedAt", Time(queue.UpdatedAt)),
            Value("AccessedAt", Time(queue.AccessedAt)),
            Value("SupportOrdering", true),
            CountDetails(queue),
            Value("AutoDeleteOnIdle", options.AutoDeleteOnIdle),
            Value("EnablePartitioning", options.EnablePartitioning),
            Optional("ForwardDeadLetteredMessagesTo", options.ForwardDeadLetteredMessagesTo),
            Value("EntityAvailabilityStatus", "Available"),
            Value("EnableExpress", false),
            Value("MaxMessageSizeInKilobytes", options.MaxMessageSizeInKilobytes));
    }

    /// <summary>With the namespace's prefix declared here and nothing else: the JavaScript client reads the prefix off this element's only attribute.</summary>
    private static XElement CountDetails(QueueView queue) => new(
        Description + "CountDetails",
        new XAttribute(XNamespace.Xmlns + "d2p1", Counts),
        new XElement(Counts + "ActiveMessageCount", queue.Counts.Active),
        new XElement(Counts + "DeadLetterMessageCount", queue.Counts.DeadLetter),
        new XElement(Counts + "ScheduledMessageCount", queue.Counts.Scheduled),
        new XElement(Counts + "TransferMessageCount", queue.Counts.Transfer),
        new XElement(Counts + "TransferDeadLetterMessageCount", queue.Counts.TransferDeadLetter));

    private static XElement AuthorizationRules(QueueOptions options) => new(
        Description + "AuthorizationRules",
        options.AuthorizationRules.Select(rule => new XElement(
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

    private static XElement Value(string name, object value) => new(Description + name, value);

    private static XElement Value(string name, TimeSpan value) => new(Description + name, XmlConvert.ToString(value));

    private static XElement? Optional(string name, string? value) => string.IsNullOrEmpty(value) ? null : new XElement(Description + name, value);

    private static string Time(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);
}
