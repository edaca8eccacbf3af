using System.Xml.Linq;
using KedaJobs.ServiceBus.Entities.Topics;
using static KedaJobs.ServiceBus.Management.AtomReader;
using static KedaJobs.ServiceBus.Management.AtomWriter;

namespace KedaJobs.ServiceBus.Management;

/// <summary>A topic as the management API describes it.</summary>
internal static class TopicDescription
{
    public const string Name = "TopicDescription";

    public static XElement Entry(HttpRequest request, TopicEntity topic, DateTime now) =>
        AtomWriter.Entry(
            request,
            topic.Intake.ShownName,
            topic.Intake.ShownName,
            topic.Intake.CreatedAt,
            topic.Intake.UpdatedAt,
            Write(request, topic, now));

    /// <summary>What a change begins with, as in <see cref="QueueDescription.BeforeChange"/>.</summary>
    public static TopicOptions BeforeChange(TopicOptions current) => current with
    {
        DefaultMessageTimeToLive = QueueOptions.Unlimited,
        AutoDeleteOnIdle = QueueOptions.Unlimited,
        UserMetadata = null,
    };

    /// <summary>Reads a description. What the client does not mention keeps the value of <paramref name="defaults"/>.</summary>
    public static TopicOptions Read(XElement description, TopicOptions defaults) =>
        AtomReader.Read(description, Name, defaults, static (topic, element) => element.Name.LocalName switch
        {
            "DefaultMessageTimeToLive" => topic with { DefaultMessageTimeToLive = Duration(element) },
            "MaxSizeInMegabytes" => topic with { MaxSizeInMegabytes = Number(element) },
            "RequiresDuplicateDetection" => topic with { RequiresDuplicateDetection = Boolean(element) },
            "DuplicateDetectionHistoryTimeWindow" => topic with { DuplicateDetectionHistoryTimeWindow = Duration(element) },
            "EnableBatchedOperations" => topic with { EnableBatchedOperations = Boolean(element) },
            "FilteringMessagesBeforePublishing" => topic with { FilteringMessagesBeforePublishing = Boolean(element) },
            "AuthorizationRules" => topic with { AuthorizationRules = AtomReader.AuthorizationRules(element) },
            "Status" => topic with { Status = Status(element) },
            "UserMetadata" => topic with { UserMetadata = OptionalText(element) },
            "SupportOrdering" => topic with { SupportOrdering = Boolean(element) },
            "AutoDeleteOnIdle" => topic with { AutoDeleteOnIdle = Duration(element) },
            "EnablePartitioning" => topic with { EnablePartitioning = Boolean(element) },
            "MaxMessageSizeInKilobytes" => topic with { MaxMessageSizeInKilobytes = Number(element) },
            "IsAnonymousAccessible" or "EnableExpress" or "EnableSubscriptionPartitioning" => Unsupported(element, topic),

            // Counts and times, which clients send back as they got them.
            _ => topic,
        });

    /// <summary>Writes a description, its children in the order of the schema.</summary>
    private static XElement Write(HttpRequest request, TopicEntity topic, DateTime now)
    {
        var options = topic.Options;
        var counts = topic.Intake.Count(now);
        return new XElement(
            Description + Name,
            new XAttribute(XNamespace.Xmlns + "i", Instance),
            Value("DefaultMessageTimeToLive", options.DefaultMessageTimeToLive),
            Value("MaxSizeInMegabytes", options.MaxSizeInMegabytes),
            Value("RequiresDuplicateDetection", options.RequiresDuplicateDetection),
            Value("DuplicateDetectionHistoryTimeWindow", options.DuplicateDetectionHistoryTimeWindow),
            Value("EnableBatchedOperations", options.EnableBatchedOperations),
            Value("SizeInBytes", topic.SizeInBytes),
            Value("FilteringMessagesBeforePublishing", options.FilteringMessagesBeforePublishing),
            Value("IsAnonymousAccessible", false),
            AtomWriter.AuthorizationRules(options.AuthorizationRules),
            Value("Status", options.Status.ToString()),
            Optional("UserMetadata", options.UserMetadata),
            Value("CreatedAt", Time(topic.Intake.CreatedAt)),
            Value("UpdatedAt", Time(topic.Intake.UpdatedAt)),
            Value("AccessedAt", Time(topic.Intake.AccessedAt)),
            Value("SupportOrdering", options.SupportOrdering),
            CountDetails(counts),
            Value("SubscriptionCount", topic.Subscriptions.Count),
            Value("AutoDeleteOnIdle", options.AutoDeleteOnIdle),
            Value("EnablePartitioning", options.EnablePartitioning),
            Value("EntityAvailabilityStatus", "Available"),
            Value("EnableSubscriptionPartitioning", false),
            Value("EnableExpress", false),
            KnowsLargeMessages(request) ? Value("MaxMessageSizeInKilobytes", options.MaxMessageSizeInKilobytes) : null);
    }
}
