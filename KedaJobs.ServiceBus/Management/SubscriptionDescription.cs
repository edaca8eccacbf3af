using System.Xml.Linq;
using KedaJobs.ServiceBus.Entities.Topics;
using static KedaJobs.ServiceBus.Management.AtomReader;
using static KedaJobs.ServiceBus.Management.AtomWriter;

namespace KedaJobs.ServiceBus.Management;

/// <summary>A subscription as the management API describes it.</summary>
internal static class SubscriptionDescription
{
    public const string Name = "SubscriptionDescription";

    public static XElement Entry(HttpRequest request, SubscriptionEntity subscription, DateTime now) => AtomWriter.Entry(
        request,
        subscription.Queue.ShownName,
        subscription.Name,
        subscription.Queue.CreatedAt,
        subscription.Queue.UpdatedAt,
        Write(subscription, request.Host.Host, now));

    /// <summary>What a change begins with, as in <see cref="QueueDescription.BeforeChange"/>.</summary>
    public static SubscriptionOptions BeforeChange(SubscriptionOptions current) => current with
    {
        DefaultMessageTimeToLive = QueueOptions.Unlimited,
        AutoDeleteOnIdle = QueueOptions.Unlimited,
        ForwardTo = null,
        ForwardDeadLetteredMessagesTo = null,
        UserMetadata = null,
    };

    /// <summary>Reads a description. What the client does not mention keeps the value of <paramref name="defaults"/>.</summary>
    public static SubscriptionOptions Read(XElement description, SubscriptionOptions defaults) =>
        AtomReader.Read(description, Name, defaults, static (subscription, element) => element.Name.LocalName switch
        {
            "LockDuration" => subscription with { LockDuration = Duration(element) },
            "RequiresSession" => subscription with { RequiresSession = Boolean(element) },
            "DefaultMessageTimeToLive" => subscription with { DefaultMessageTimeToLive = Duration(element) },
            "DeadLetteringOnMessageExpiration" => subscription with { DeadLetteringOnMessageExpiration = Boolean(element) },
            "DeadLetteringOnFilterEvaluationExceptions" =>
                subscription with { DeadLetteringOnFilterEvaluationExceptions = Boolean(element) },
            "DefaultRuleDescription" => subscription with { Rules = [RuleDescription.ReadRule(element)] },
            "MaxDeliveryCount" => subscription with { MaxDeliveryCount = Number(element) },
            "EnableBatchedOperations" => subscription with { EnableBatchedOperations = Boolean(element) },
            "Status" => subscription with { Status = Status(element) },
            "ForwardTo" => subscription with { ForwardTo = Target(element) },
            "UserMetadata" => subscription with { UserMetadata = OptionalText(element) },
            "ForwardDeadLetteredMessagesTo" => subscription with { ForwardDeadLetteredMessagesTo = Target(element) },
            "AutoDeleteOnIdle" => subscription with { AutoDeleteOnIdle = Duration(element) },

            // Counts and times, which clients send back as they got them.
            _ => subscription,
        });

    /// <summary>Writes a description, its children in the order of the schema.</summary>
    private static XElement Write(SubscriptionEntity subscription, string host, DateTime now)
    {
        var options = subscription.Options;
        var queue = subscription.Queue;
        var counts = queue.Count(now);
        return new XElement(
            Description + Name,
            new XAttribute(XNamespace.Xmlns + "i", Instance),
            Value("LockDuration", options.LockDuration),
            Value("RequiresSession", options.RequiresSession),
            Value("DefaultMessageTimeToLive", options.DefaultMessageTimeToLive),
            Value("DeadLetteringOnMessageExpiration", options.DeadLetteringOnMessageExpiration),
            Value("DeadLetteringOnFilterEvaluationExceptions", options.DeadLetteringOnFilterEvaluationExceptions),
            Value("MessageCount", counts.Total),
            Value("MaxDeliveryCount", options.MaxDeliveryCount),
            Value("EnableBatchedOperations", options.EnableBatchedOperations),
            Value("Status", options.Status.ToString()),
            Optional("ForwardTo", ForwardingTarget.ToUri(options.ForwardTo, host)),
            Value("CreatedAt", Time(queue.CreatedAt)),
            Value("UpdatedAt", Time(queue.UpdatedAt)),
            Value("AccessedAt", Time(queue.AccessedAt)),
            CountDetails(counts),
            Optional("UserMetadata", options.UserMetadata),
            Optional("ForwardDeadLetteredMessagesTo", ForwardingTarget.ToUri(options.ForwardDeadLetteredMessagesTo, host)),
            Value("AutoDeleteOnIdle", options.AutoDeleteOnIdle),
            Value("EntityAvailabilityStatus", "Available"));
    }
}
