using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning.ServiceBus;

namespace KedaJobs.Hosting.Publishing;

/// <summary>How the scale rules of a published event job read what they count.</summary>
internal static class EventJobAccess
{
    public static void Attach<T>(IResourceBuilder<T> worker, EventJobAnnotation job)
        where T : IComputeResource
    {
        var application = worker.ApplicationBuilder;

        // Reading an entity's counts needs the Manage claim, which only Data Owner carries. It goes to an identity of the rules' own, so
        // that the worker's code never has it.
        var scaler = application.AddAzureUserAssignedIdentity(ScalerName(worker.Resource))
            .WithRoleAssignments(application.CreateResourceBuilder(job.Trigger.Namespace), ServiceBusBuiltInRole.AzureServiceBusDataOwner);
        worker.WithAnnotation(new TriggerAccessAnnotation(new ScalerAccess.WithIdentity(scaler.Resource)));

        application.OnBeforeStart((_, _) =>
        {
            var further = job.Triggers.Select(trigger => trigger.Entity.Namespace).Distinct().Where(bus => bus != job.Trigger.Namespace);
            foreach (var bus in further.Where(_ => application.Resources.Contains(scaler.Resource)))
            {
                scaler.WithRoleAssignments(application.CreateResourceBuilder(bus), ServiceBusBuiltInRole.AzureServiceBusDataOwner);
            }

            return Task.CompletedTask;
        });
    }

    /// <summary>
    /// Takes the identity that <see cref="Attach"/> made out of the model again, where the rules are to sign in otherwise.
    /// </summary>
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
}
