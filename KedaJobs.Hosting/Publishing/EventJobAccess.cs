using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning.ServiceBus;

namespace KedaJobs.Hosting.Publishing;

/// <summary>Who may do what in the namespaces of an event job's triggers, once it is published.</summary>
internal static class EventJobAccess
{
    public static void Attach<T>(IResourceBuilder<T> worker, EventJobAnnotation job)
        where T : IComputeResource
    {
        var application = worker.ApplicationBuilder;

        // Reading an entity's counts needs the Manage claim, which only Data Owner carries. It goes to an identity of the rules' own, so that the
        // worker's code never has it.
        var scaler = application.AddAzureUserAssignedIdentity(ScalerName(worker.Resource))
            .WithRoleAssignments(application.CreateResourceBuilder(job.Trigger.Namespace), ServiceBusBuiltInRole.AzureServiceBusDataOwner);
        worker.WithAnnotation(new TriggerAccessAnnotation(new ScalerAccess.WithIdentity(scaler.Resource)));

        application.OnBeforeStart((_, _) =>
        {
            foreach (var bus in job.Triggers.Select(trigger => trigger.Entity.Namespace).Distinct().Select(application.CreateResourceBuilder))
            {
                GiveNarrowRoles(worker, bus);
                if (bus.Resource != job.Trigger.Namespace && application.Resources.Contains(scaler.Resource))
                {
                    scaler.WithRoleAssignments(bus, ServiceBusBuiltInRole.AzureServiceBusDataOwner);
                }
            }

            return Task.CompletedTask;
        });
    }

    /// <summary>Takes the identity that <see cref="Attach"/> made out of the model again, where the rules are to sign in otherwise.</summary>
    public static void Replace<T>(IResourceBuilder<T> worker, ScalerAccess access)
        where T : IComputeResource
    {
        if (worker.Resource.TryGetLastAnnotation<TriggerAccessAnnotation>(out var current)
            && current.Access is ScalerAccess.WithIdentity { Identity: AzureUserAssignedIdentityResource identity }
            && identity.Name == ScalerName(worker.Resource))
        {
            worker.ApplicationBuilder.Resources.Remove(identity);
        }

        worker.WithAnnotation(new TriggerAccessAnnotation(access), ResourceAnnotationMutationBehavior.Replace);
    }

    private static string ScalerName(IResource worker) => $"{worker.Name}-scaler";

    // Aspire adds the roles of all assignments up, and gives Data Owner where there is none.
    private static void GiveNarrowRoles<T>(IResourceBuilder<T> worker, IResourceBuilder<AzureServiceBusResource> bus)
        where T : IComputeResource
    {
        if (!worker.Resource.Annotations.OfType<RoleAssignmentAnnotation>().Any(roles => roles.Target == bus.Resource))
        {
            worker.WithRoleAssignments(bus, ServiceBusBuiltInRole.AzureServiceBusDataReceiver, ServiceBusBuiltInRole.AzureServiceBusDataSender);
        }
    }
}
