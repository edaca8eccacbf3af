using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning;
using Azure.Provisioning.Primitives;
using KedaJobs.Hosting.Broker;

namespace KedaJobs.Hosting.Publishing;

/// <summary>
/// Lets the module of a namespace create what is forwarded to before what forwards to it. Aspire writes a target's name as text, which
/// orders nothing, so that Azure creates both at once; and Service Bus refuses an entity whose target is not there yet.
/// </summary>
internal static class ForwardOrder
{
    public static void Apply(AzureResourceInfrastructure infrastructure, IReadOnlyList<IResource> entities)
    {
        var written = infrastructure.GetProvisionableResources().OfType<ProvisionableResource>()
            .ToLookup(resource => resource.BicepIdentifier);
        var targets = entities.Where(entity => entity is not AzureServiceBusSubscriptionResource)
            .ToLookup(entity => EntityPath(entity), StringComparer.OrdinalIgnoreCase);
        foreach (var entity in entities)
        {
            foreach (var target in Forwards(entity).SelectMany(path => targets[path]))
            {
                // A subscription is created after its topic anyway, and what is part of a circle has no order.
                if (Written(entity) is { } source && Written(target) is { } first && Parent(entity) != target && !IsAfter(first, source))
                {
                    source.DependsOn.Add(first);
                }
            }
        }

        // Aspire makes the identifier of the resource's name.
        ProvisionableResource? Written(IResource entity) => written[Infrastructure.NormalizeBicepIdentifier(entity.Name)].FirstOrDefault();
    }

    private static bool IsAfter(ProvisionableResource resource, ProvisionableResource other) =>
        resource == other || resource.DependsOn.Any(dependency => IsAfter(dependency, other));

    private static IEnumerable<string> Forwards(IResource entity) => (entity switch
    {
        AzureServiceBusQueueResource queue => new[] { queue.ForwardTo, queue.ForwardDeadLetteredMessagesTo },
        AzureServiceBusSubscriptionResource subscription => [subscription.ForwardTo, subscription.ForwardDeadLetteredMessagesTo],
        _ => [],
    }).OfType<string>().Select(ForwardTargets.Path).Distinct(StringComparer.OrdinalIgnoreCase);

    private static string EntityPath(IResource entity) => entity switch
    {
        AzureServiceBusQueueResource queue => queue.QueueName,
        AzureServiceBusTopicResource topic => topic.TopicName,
        _ => throw new ArgumentOutOfRangeException(nameof(entity), entity, null),
    };

    private static IResource? Parent(IResource entity) =>
        entity is AzureServiceBusSubscriptionResource subscription ? subscription.Parent : null;
}
