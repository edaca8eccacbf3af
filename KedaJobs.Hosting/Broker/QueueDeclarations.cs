using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.ServiceBus;

namespace KedaJobs.Hosting.Broker;

/// <summary>The queues declared on the Aspire resources, as the embedded broker takes them. What is not declared keeps the broker's default.</summary>
internal static class QueueDeclarations
{
    public static IReadOnlyList<QueueOptions> Of(AzureServiceBusResource bus, DistributedApplicationModel model)
    {
        if (model.Resources.OfType<AzureServiceBusTopicResource>().FirstOrDefault(topic => topic.Parent == bus) is { } topic)
        {
            throw new NotSupportedException(
                $"The embedded broker has no topics, and '{bus.Name}' declares '{topic.TopicName}'. Start the AppHost with --broker container.");
        }

        return [.. NamespaceEntities.Of(bus, model.Resources).OfType<AzureServiceBusQueueResource>().Select(Declaration)];
    }

    public static QueueOptions Declaration(AzureServiceBusQueueResource queue)
    {
        var defaults = new QueueOptions { Name = queue.QueueName };
        return defaults with
        {
            LockDuration = queue.LockDuration ?? defaults.LockDuration,
            MaxDeliveryCount = queue.MaxDeliveryCount ?? defaults.MaxDeliveryCount,
            DefaultMessageTimeToLive = queue.DefaultMessageTimeToLive ?? defaults.DefaultMessageTimeToLive,
            DeadLetteringOnMessageExpiration = queue.DeadLetteringOnMessageExpiration ?? defaults.DeadLetteringOnMessageExpiration,
            RequiresDuplicateDetection = queue.RequiresDuplicateDetection ?? defaults.RequiresDuplicateDetection,
            DuplicateDetectionHistoryTimeWindow = queue.DuplicateDetectionHistoryTimeWindow ?? defaults.DuplicateDetectionHistoryTimeWindow,
            RequiresSession = queue.RequiresSession ?? defaults.RequiresSession,
            ForwardTo = queue.ForwardTo ?? defaults.ForwardTo,
            ForwardDeadLetteredMessagesTo = queue.ForwardDeadLetteredMessagesTo ?? defaults.ForwardDeadLetteredMessagesTo,
        };
    }
}
