using System.Xml.Linq;
using static KedaJobs.ServiceBus.Management.AtomReader;
using static KedaJobs.ServiceBus.Management.AtomWriter;

namespace KedaJobs.ServiceBus.Management;

/// <summary>A queue as the management API describes it.</summary>
internal static class QueueDescription
{
    public const string Name = "QueueDescription";

    public static XElement Entry(HttpRequest request, QueueView queue) =>
        AtomWriter.Entry(request, queue.Name, queue.Name, queue.CreatedAt, queue.UpdatedAt, Write(request, queue));

    /// <summary>
    /// What a change begins with. An entry describes all of the queue: clients leave out what is unlimited or none, so that this would else
    /// never come back. What cannot change, and what some clients never send, stays.
    /// </summary>
    public static QueueOptions BeforeChange(QueueOptions current) => current with
    {
        DefaultMessageTimeToLive = QueueOptions.Unlimited,
        AutoDeleteOnIdle = QueueOptions.Unlimited,
        ForwardTo = null,
        ForwardDeadLetteredMessagesTo = null,
        UserMetadata = null,
    };

    /// <summary>Reads a description. What the client does not mention keeps the value of <paramref name="defaults"/>.</summary>
    public static QueueOptions Read(XElement description, QueueOptions defaults) =>
        AtomReader.Read(description, Name, defaults, static (queue, element) => element.Name.LocalName switch
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
            "AuthorizationRules" => queue with { AuthorizationRules = AtomReader.AuthorizationRules(element) },
            "Status" => queue with { Status = Status(element) },
            "ForwardTo" => queue with { ForwardTo = Target(element) },
            "UserMetadata" => queue with { UserMetadata = OptionalText(element) },
            "AutoDeleteOnIdle" => queue with { AutoDeleteOnIdle = Duration(element) },
            "EnablePartitioning" => queue with { EnablePartitioning = Boolean(element) },
            "ForwardDeadLetteredMessagesTo" => queue with { ForwardDeadLetteredMessagesTo = Target(element) },
            "MaxMessageSizeInKilobytes" => queue with { MaxMessageSizeInKilobytes = Number(element) },
            "IsAnonymousAccessible" or "EnableExpress" => Unsupported(element, queue),

            // Counts and times, which clients send back as they got them.
            _ => queue,
        });

    /// <summary>Writes a description, its children in the order of the schema.</summary>
    private static XElement Write(HttpRequest request, QueueView queue)
    {
        var host = request.Host.Host;
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
            AuthorizationRules(options.AuthorizationRules),
            Value("Status", options.Status.ToString()),
            Optional("ForwardTo", ForwardingTarget.ToUri(options.ForwardTo, host)),
            Optional("UserMetadata", options.UserMetadata),
            Value("CreatedAt", Time(queue.CreatedAt)),
            Value("UpdatedAt", Time(queue.UpdatedAt)),
            Value("AccessedAt", Time(queue.AccessedAt)),
            Value("SupportOrdering", true),
            CountDetails(queue.Counts),
            Value("AutoDeleteOnIdle", options.AutoDeleteOnIdle),
            Value("EnablePartitioning", options.EnablePartitioning),
            Optional("ForwardDeadLetteredMessagesTo", ForwardingTarget.ToUri(options.ForwardDeadLetteredMessagesTo, host)),
            Value("EntityAvailabilityStatus", "Available"),
            Value("EnableExpress", false),
            KnowsLargeMessages(request) ? Value("MaxMessageSizeInKilobytes", options.MaxMessageSizeInKilobytes) : null);
    }
}
