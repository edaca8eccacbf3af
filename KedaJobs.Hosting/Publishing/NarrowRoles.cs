using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning.ServiceBus;
using KedaJobs.Hosting.Broker;

namespace KedaJobs.Hosting.Publishing;

/// <summary>
/// What a published worker may do in the namespaces that it refers to or is triggered by, unless the AppHost says otherwise.
/// </summary>
internal static class NarrowRoles
{
    public static void Attach<T>(IResourceBuilder<T> worker, EventJobAnnotation job)
        where T : IComputeResource => worker.ApplicationBuilder.OnBeforeStart((_, _) =>
    {
        // Aspire adds the roles of all assignments up, and gives Data Owner where there is none.
        var given = worker.Resource.Annotations.OfType<RoleAssignmentAnnotation>().Select(roles => roles.Target).ToHashSet();
        foreach (var bus in Namespaces(job).Where(bus => !given.Contains(bus)))
        {
            worker.WithRoleAssignments(
                worker.ApplicationBuilder.CreateResourceBuilder(bus),
                ServiceBusBuiltInRole.AzureServiceBusDataReceiver,
                ServiceBusBuiltInRole.AzureServiceBusDataSender);
        }

        return Task.CompletedTask;
    });

    private static List<AzureServiceBusResource> Namespaces(EventJobAnnotation job) =>
    [
        .. job.Triggers.Select(trigger => trigger.Entity.Namespace)
            .Concat(job.Worker.Annotations.OfType<ResourceRelationshipAnnotation>()
                .Select(relationship => NamespaceEntities.NamespaceOf(relationship.Resource)).OfType<AzureServiceBusResource>())
            .Distinct(),
    ];
}
