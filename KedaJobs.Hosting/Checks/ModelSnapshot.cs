using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting.Publishing;

namespace KedaJobs.Hosting.Checks;

/// <summary>Reads off the application model what the checks look at.</summary>
internal static class ModelSnapshot
{
    // The type that WithReference gives its relationships.
    private const string Reference = "Reference";

    public static CheckedModel Of(IEnumerable<EventJobAnnotation> jobs) => new([.. jobs.Select(Job)]);

    private static CheckedJob Job(EventJobAnnotation job) => new(job.Worker.Name, job.Options, Trigger(job.Trigger))
    {
        References =
        [
            .. job.Worker.Annotations.OfType<ResourceRelationshipAnnotation>()
                .Where(relationship => relationship.Type == Reference)
                .Select(relationship => Entity(relationship.Resource))
                .OfType<CheckedReference>(),
        ],
        FurtherRules = [.. job.Worker.Annotations.OfType<ScaleRuleAnnotation>().Select(Rule)],
    };

    private static CheckedTrigger Trigger(TriggerEntity trigger) => trigger switch
    {
        TriggerEntity.Queue { Declared: var queue } => new CheckedQueue(trigger.Namespace.Name, trigger.Path)
        {
            LockDuration = queue.LockDuration,
            MaxDeliveryCount = queue.MaxDeliveryCount,
            DefaultMessageTimeToLive = queue.DefaultMessageTimeToLive,
            DeadLetteringOnMessageExpiration = queue.DeadLetteringOnMessageExpiration,
            DuplicateDetectionHistoryTimeWindow = queue.DuplicateDetectionHistoryTimeWindow,
            RequiresSession = queue.RequiresSession,
        },
        TriggerEntity.Subscription { Declared: var subscription } =>
            new CheckedSubscription(trigger.Namespace.Name, trigger.Path, subscription.Parent.TopicName, subscription.SubscriptionName)
            {
                LockDuration = subscription.LockDuration,
                MaxDeliveryCount = subscription.MaxDeliveryCount,
                DefaultMessageTimeToLive = subscription.DefaultMessageTimeToLive,
                DeadLetteringOnMessageExpiration = subscription.DeadLetteringOnMessageExpiration,
                RequiresSession = subscription.RequiresSession,
                FilterValues =
                [
                    .. subscription.Rules.SelectMany(rule => rule.CorrelationFilter.Properties
                        .Select(property => new CheckedFilterValue(rule.Name, property.Key, property.Value))),
                ],
            },
        _ => throw new ArgumentOutOfRangeException(nameof(trigger), trigger, null),
    };

    private static CheckedReference? Entity(IResource resource) => resource switch
    {
        AzureServiceBusQueueResource queue => new(queue.Parent.Name, queue.QueueName),
        AzureServiceBusTopicResource topic => new(topic.Parent.Name, topic.TopicName),
        AzureServiceBusSubscriptionResource subscription =>
            new(subscription.Parent.Parent.Name, new TriggerEntity.Subscription(subscription).Path),
        AzureServiceBusResource bus => new(bus.Name, Entity: null),
        _ => null,
    };

    private static CheckedScaleRule Rule(ScaleRuleAnnotation rule) => new(rule.Name, rule.Type, rule.Metadata)
    {
        HasIdentity = rule.Access is ScalerAccess.WithIdentity,
        SecretParameters = rule.Access is ScalerAccess.WithSecret secret ? [secret.TriggerParameter] : [],
    };
}
