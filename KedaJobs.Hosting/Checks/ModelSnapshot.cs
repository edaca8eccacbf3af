using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting.Publishing;

namespace KedaJobs.Hosting.Checks;

/// <summary>Reads off the application model what the checks look at.</summary>
internal static class ModelSnapshot
{
    // The type that WithReference gives its relationships.
    private const string Reference = "Reference";

    public static CheckedModel Of(DistributedApplicationModel model) =>
        new([.. model.Resources.SelectMany(resource => resource.Annotations.OfType<EventJobAnnotation>()).Select(Job)]);

    private static CheckedJob Job(EventJobAnnotation job) => new(job.Worker.Name, job.Options, Queue(job.Queue))
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

    private static CheckedQueue Queue(AzureServiceBusQueueResource queue) => new(queue.Parent.Name, queue.QueueName)
    {
        LockDuration = queue.LockDuration,
        MaxDeliveryCount = queue.MaxDeliveryCount,
        DefaultMessageTimeToLive = queue.DefaultMessageTimeToLive,
        DeadLetteringOnMessageExpiration = queue.DeadLetteringOnMessageExpiration,
        DuplicateDetectionHistoryTimeWindow = queue.DuplicateDetectionHistoryTimeWindow,
        RequiresSession = queue.RequiresSession,
    };

    private static CheckedReference? Entity(IResource resource) => resource switch
    {
        AzureServiceBusQueueResource queue => new(queue.Parent.Name, queue.QueueName),
        AzureServiceBusResource bus => new(bus.Name, Entity: null),
        _ => null,
    };

    private static CheckedScaleRule Rule(ScaleRuleAnnotation rule) => new(rule.Name, rule.Type, rule.Metadata)
    {
        HasIdentity = rule.Access is ScalerAccess.WithIdentity,
        SecretParameters = rule.Access is ScalerAccess.WithSecret secret ? [secret.TriggerParameter] : [],
    };
}
