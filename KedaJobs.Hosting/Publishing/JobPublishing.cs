using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting.Checks;
using KedaJobs.Hosting.Publishing.Definitions;

namespace KedaJobs.Hosting.Publishing;

/// <summary>
/// Publish mode of a job: passes it to the Container Apps publisher. Everything is decided when the model is complete or the module is
/// written, so that later calls on the worker (roles, further triggers and rules, another identity) are seen in any order.
/// </summary>
internal static class JobPublishing
{
    public static void Attach<T>(IResourceBuilder<T> worker, EventJobAnnotation job)
        where T : IComputeResource
    {
        NarrowRoles.Attach(worker, job);
        if (job.Kind == JobKind.Event)
        {
            EventJobAccess.Attach(worker, job);
        }

        JobDefinitionStep.AddTo(worker.ApplicationBuilder);

        // Called at least twice, because Aspire generates each template at least twice: it holds no state.
        worker.PublishAsAzureContainerAppJob((infrastructure, resource) => JobModule.Configure(infrastructure, resource, job));
        job.Customization = worker.Resource.Annotations.OfType<AzureContainerAppJobCustomizationAnnotation>().Last();

        // After the callbacks of the AppHost, whenever they are added.
        worker.ApplicationBuilder.OnBeforeStart((_, _) =>
        {
            worker.PublishAsAzureContainerAppJob((_, resource) => PublishChecks.RequireKind(resource, job));
            return Task.CompletedTask;
        });
    }
}
