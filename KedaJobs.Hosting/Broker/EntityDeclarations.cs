using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.ServiceBus;

namespace KedaJobs.Hosting.Broker;

/// <summary>
/// The queues, topics and subscriptions declared on the Aspire resources, as the embedded broker takes them. Properties that are not
/// declared keep the broker's defaults.
/// </summary>
internal static class EntityDeclarations
{
    public static IReadOnlyList<QueueOptions> Queues(AzureServiceBusResource bus, DistributedApplicationModel model) =>
        [.. NamespaceEntities.Of(bus, model.Resources).OfType<AzureServiceBusQueueResource>().Select(Declaration)];

    public static IReadOnlyList<TopicOptions> Topics(AzureServiceBusResource bus, DistributedApplicationModel model)
    {
        var entities = NamespaceEntities.Of(bus, model.Resources).ToList();
        var subscriptions = entities.OfType<AzureServiceBusSubscriptionResource>().ToLookup(subscription => subscription.Parent);
        return [.. entities.OfType<AzureServiceBusTopicResource>().Select(topic => Declaration(topic, subscriptions[topic]))];
    }

    private static QueueOptions Declaration(AzureServiceBusQueueResource queue)
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

    private static TopicOptions Declaration(
        AzureServiceBusTopicResource topic, IEnumerable<AzureServiceBusSubscriptionResource> subscriptions)
    {
        var defaults = new TopicOptions { Name = topic.TopicName };
        return defaults with
        {
            DefaultMessageTimeToLive = topic.DefaultMessageTimeToLive ?? defaults.DefaultMessageTimeToLive,
            RequiresDuplicateDetection = topic.RequiresDuplicateDetection ?? defaults.RequiresDuplicateDetection,
            DuplicateDetectionHistoryTimeWindow = topic.DuplicateDetectionHistoryTimeWindow ?? defaults.DuplicateDetectionHistoryTimeWindow,
            Subscriptions = [.. subscriptions.Select(Declaration)],
        };
    }

    private static SubscriptionOptions Declaration(AzureServiceBusSubscriptionResource subscription)
    {
        var defaults = new SubscriptionOptions { Name = subscription.SubscriptionName };
        return defaults with
        {
            LockDuration = subscription.LockDuration ?? defaults.LockDuration,
            MaxDeliveryCount = subscription.MaxDeliveryCount ?? defaults.MaxDeliveryCount,
            DefaultMessageTimeToLive = subscription.DefaultMessageTimeToLive ?? defaults.DefaultMessageTimeToLive,
            DeadLetteringOnMessageExpiration = subscription.DeadLetteringOnMessageExpiration ?? defaults.DeadLetteringOnMessageExpiration,
            RequiresSession = subscription.RequiresSession ?? defaults.RequiresSession,
            ForwardTo = subscription.ForwardTo ?? defaults.ForwardTo,
            ForwardDeadLetteredMessagesTo = subscription.ForwardDeadLetteredMessagesTo ?? defaults.ForwardDeadLetteredMessagesTo,
            Rules = subscription.Rules.Count == 0
                ? defaults.Rules
                : [.. subscription.Rules.Select(rule => Declaration(subscription, rule))],
        };
    }

    private static RuleOptions Declaration(AzureServiceBusSubscriptionResource subscription, AzureServiceBusRule rule)
    {
        if (rule.FilterType != AzureServiceBusFilterType.CorrelationFilter)
        {
            throw new JobDeclarationException(
                $"Rule '{rule.Name}' of subscription '{subscription.Name}' is a SQL filter, but Aspire's rules have no property for "
                + "its expression. "
                + "Use a correlation filter, or create the rule with a ServiceBusAdministrationClient when the namespace is healthy.");
        }

        var filter = rule.CorrelationFilter;
        return new RuleOptions
        {
            Name = rule.Name,
            Filter = new CorrelationFilter
            {
                CorrelationId = filter.CorrelationId,
                MessageId = filter.MessageId,
                To = filter.SendTo,
                ReplyTo = filter.ReplyTo,
                Subject = filter.Subject,
                SessionId = filter.SessionId,
                ReplyToSessionId = filter.ReplyToSessionId,
                ContentType = filter.ContentType,
                Properties = filter.Properties,
            },
        };
    }
}
