using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency) where T : IResourceWithWaitSupport =>
        builder.WaitForCore(dependency, WaitType.WaitUntilHealthy, waitBehavior: null, exitCode: 0);

    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, WaitBehavior waitBehavior)
        where T : IResourceWithWaitSupport => builder.WaitForCore(dependency, WaitType.WaitUntilHealthy, waitBehavior, exitCode: 0);

    public static IResourceBuilder<T> WaitForStart<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency) where T : IResourceWithWaitSupport =>
        builder.WaitForCore(dependency, WaitType.WaitUntilStarted, waitBehavior: null, exitCode: 0);

    public static IResourceBuilder<T> WaitForStart<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, WaitBehavior waitBehavior)
        where T : IResourceWithWaitSupport => builder.WaitForCore(dependency, WaitType.WaitUntilStarted, waitBehavior, exitCode: 0);

    public static IResourceBuilder<T> WaitForCompletion<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, int exitCode = 0)
        where T : IResourceWithWaitSupport => builder.WaitForCore(dependency, WaitType.WaitForCompletion, waitBehavior: null, exitCode);

    private static IResourceBuilder<T> WaitForCore<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, WaitType waitType, WaitBehavior? waitBehavior, int exitCode)
        where T : IResourceWithWaitSupport
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(dependency);
        if (ReferenceEquals(builder.Resource, dependency.Resource))
        {
            throw new DistributedApplicationException($"The '{builder.Resource.Name}' resource cannot wait for itself.");
        }

        if (builder.Resource is IResourceWithParent child && ReferenceEquals(child.Parent, dependency.Resource))
        {
            throw new DistributedApplicationException($"The '{builder.Resource.Name}' resource cannot wait for its parent '{dependency.Resource.Name}'.");
        }

        // A parent gives its children their life: who waits for a child waits for the parent too, unless it belongs to the same one.
        if (waitType != WaitType.WaitForCompletion && dependency.Resource is IResourceWithParent { Parent: var parent }
            && !ReferenceEquals(parent, builder.Resource) && !ReferenceEquals(parent, (builder.Resource as IResourceWithParent)?.Parent))
        {
            builder.AddWait(parent, waitType, waitBehavior, exitCode);
        }

        builder.AddWait(dependency.Resource, waitType, waitBehavior, exitCode);
        return builder;
    }

    private static void AddWait<T>(this IResourceBuilder<T> builder, IResource dependency, WaitType waitType, WaitBehavior? waitBehavior, int exitCode) where T : IResource
    {
        // The row of a waiting resource lists each name once, however often the wait was declared.
        if (!builder.Resource.Annotations.OfType<WaitAnnotation>().Any(w => ReferenceEquals(w.Resource, dependency) && w.WaitType == waitType && w.ExitCode == exitCode))
        {
            builder.WithRelationship(dependency, KnownRelationshipTypes.WaitFor);
            builder.WithAnnotation(new WaitAnnotation(dependency, waitType, exitCode) { WaitBehavior = waitBehavior });
        }
    }
}
