using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting.Local.Programs;

/// <summary>Keeps Aspire's orchestrator from making a container of a container worker: executions are containers, the job is not.</summary>
/// <remarks>
/// The orchestrator picks what has an image after BeforeStartEvent and before InitializeResourceEvent. In between the image is
/// off the resource; afterwards it is there again, so that references are evaluated as for a container. The application
/// starts even without a container runtime.
/// </remarks>
internal static class HiddenImage
{
    public static void Attach(IDistributedApplicationBuilder builder, ContainerResource worker)
    {
        List<ContainerImageAnnotation> images = [];
        builder.OnBeforeStart((_, _) =>
        {
            images.AddRange(worker.Annotations.OfType<ContainerImageAnnotation>());
            images.ForEach(image => worker.Annotations.Remove(image));
            return Task.CompletedTask;
        });
        builder.Eventing.Subscribe<InitializeResourceEvent>(worker, (_, _) =>
        {
            images.ForEach(worker.Annotations.Add);
            return Task.CompletedTask;
        });
    }
}
