using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    public static IResourceBuilder<T> ExcludeFromManifest<T>(this IResourceBuilder<T> builder) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(ManifestPublishingCallbackAnnotation.Ignore, ResourceAnnotationMutationBehavior.Replace);
    }

    public static IResourceBuilder<T> WithManifestPublishingCallback<T>(this IResourceBuilder<T> builder, Action<ManifestPublishingContext> callback) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ManifestPublishingCallbackAnnotation(callback), ResourceAnnotationMutationBehavior.Replace);
    }

    public static IResourceBuilder<T> WithManifestPublishingCallback<T>(this IResourceBuilder<T> builder, Func<ManifestPublishingContext, Task> callback) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ManifestPublishingCallbackAnnotation(callback), ResourceAnnotationMutationBehavior.Replace);
    }

    public static IResourceBuilder<T> WithComputeEnvironment<T>(this IResourceBuilder<T> builder, IResourceBuilder<IComputeEnvironmentResource> computeEnvironmentResource)
        where T : IComputeResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(computeEnvironmentResource);
        return builder.WithAnnotation(new ComputeEnvironmentAnnotation(computeEnvironmentResource.Resource), ResourceAnnotationMutationBehavior.Replace);
    }
}

public static class CustomResourceExtensions
{
    public static IResourceBuilder<TResource> WithInitialState<TResource>(this IResourceBuilder<TResource> builder, CustomResourceSnapshot initialSnapshot) where TResource : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ResourceSnapshotAnnotation(initialSnapshot), ResourceAnnotationMutationBehavior.Replace);
    }
}

public static class EmulatorResourceExtensions
{
    /// <summary>Whether the resource was declared to be emulated, by annotation.</summary>
    public static bool IsEmulator(this IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource.HasAnnotationOfType<EmulatorResourceAnnotation>();
    }
}

public static class ContainerResourceExtensions
{
    public static bool IsContainer(this IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource.HasAnnotationOfType<ContainerImageAnnotation>();
    }

    public static IEnumerable<IResource> GetContainerResources(this DistributedApplicationModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Resources.Where(r => r.IsContainer());
    }
}
