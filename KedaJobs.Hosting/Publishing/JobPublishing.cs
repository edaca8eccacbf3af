using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning.ServiceBus;
using KedaJobs.Hosting.Publishing.Definitions;

namespace KedaJobs.Hosting.Publishing;

/// <summary>
/// Publish mode of an event job: who may do what, and the hand-over to the Container Apps publisher. Everything is decided when the model is complete or
/// the module is written, so that later calls on the worker (roles, further rules, another identity) are seen whatever their order.
/// </summary>
internal static class EventJobPublisher
{
    public static void Attach(IResourceBuilder<ProjectResource> worker, EventJobAnnotation job)
    {
        var application = worker.ApplicationBuilder;
        var bus = application.CreateResourceBuilder(job.Trigger.Namespace);

        // Reading an entity's counts needs the Manage claim, which only Data Owner carries. It goes to an identity of the rule's own, so that the
        // worker's code never has it.
        var scaler = application.AddAzureUserAssignedIdentity($"{worker.Resource.Name}-scaler")
            .WithRoleAssignments(bus, ServiceBusBuiltInRole.AzureServiceBusDataOwner);
        worker.WithAnnotation(new TriggerAccessAnnotation(new ScalerAccess.WithIdentity(scaler.Resource)));

        application.OnBeforeStart((_, _) =>
        {
            GiveNarrowRoles(worker, bus);
            return Task.CompletedTask;
        });
        worker.PublishAsAzureContainerAppJob((infrastructure, resource) => EventJobModule.Configure(infrastructure, resource, job));
        JobDefinitionStep.AddTo(application);
    }

    /// <summary>Takes the identity that <see cref="Attach"/> made out of the model again, where the rule is to sign in otherwise.</summary>
    public static void Replace(IResourceBuilder<ProjectResource> worker, ScalerAccess access)
    {
        if (worker.Resource.TryGetLastAnnotation<TriggerAccessAnnotation>(out var current)
            && current.Access is ScalerAccess.WithIdentity { Identity: AzureUserAssignedIdentityResource identity }
            && identity.Name == $"{worker.Resource.Name}-scaler")
        {
            worker.ApplicationBuilder.Resources.Remove(identity);
        }

        worker.WithAnnotation(new TriggerAccessAnnotation(access), ResourceAnnotationMutationBehavior.Replace);
    }

    // Aspire adds the roles of all assignments up, and gives Data Owner where there is none.
    private static void GiveNarrowRoles(IResourceBuilder<ProjectResource> worker, IResourceBuilder<AzureServiceBusResource> bus)
    {
        if (!worker.Resource.Annotations.OfType<RoleAssignmentAnnotation>().Any(roles => roles.Target == bus.Resource))
        {
            worker.WithRoleAssignments(bus, ServiceBusBuiltInRole.AzureServiceBusDataReceiver, ServiceBusBuiltInRole.AzureServiceBusDataSender);
        }
    }
}
