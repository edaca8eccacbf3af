using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting;

public static class DistributedApplicationEventingExtensions
{
    public static T OnBeforeStart<T>(this T builder, Func<BeforeStartEvent, CancellationToken, Task> callback) where T : IDistributedApplicationBuilder =>
        builder.OnApplicationEvent(callback);

    public static T OnBeforePublish<T>(this T builder, Func<BeforePublishEvent, CancellationToken, Task> callback) where T : IDistributedApplicationBuilder =>
        builder.OnApplicationEvent(callback);

    public static T OnAfterPublish<T>(this T builder, Func<AfterPublishEvent, CancellationToken, Task> callback) where T : IDistributedApplicationBuilder =>
        builder.OnApplicationEvent(callback);

    public static IResourceBuilder<T> OnInitializeResource<T>(this IResourceBuilder<T> builder, Func<T, InitializeResourceEvent, CancellationToken, Task> callback)
        where T : IResource => builder.OnEvent(callback);

    public static IResourceBuilder<T> OnBeforeResourceStarted<T>(this IResourceBuilder<T> builder, Func<T, BeforeResourceStartedEvent, CancellationToken, Task> callback)
        where T : IResource => builder.OnEvent(callback);

    public static IResourceBuilder<T> OnResourceReady<T>(this IResourceBuilder<T> builder, Func<T, ResourceReadyEvent, CancellationToken, Task> callback)
        where T : IResource => builder.OnEvent(callback);

    public static IResourceBuilder<T> OnResourceStopped<T>(this IResourceBuilder<T> builder, Func<T, ResourceStoppedEvent, CancellationToken, Task> callback)
        where T : IResource => builder.OnEvent(callback);

    public static IResourceBuilder<T> OnResourceEndpointsAllocated<T>(this IResourceBuilder<T> builder, Func<T, ResourceEndpointsAllocatedEvent, CancellationToken, Task> callback)
        where T : IResourceWithEndpoints => builder.OnEvent(callback);

    public static IResourceBuilder<T> OnConnectionStringAvailable<T>(this IResourceBuilder<T> builder, Func<T, ConnectionStringAvailableEvent, CancellationToken, Task> callback)
        where T : IResourceWithConnectionString => builder.OnEvent(callback);

    private static T OnApplicationEvent<T, TEvent>(this T builder, Func<TEvent, CancellationToken, Task> callback)
        where T : IDistributedApplicationBuilder where TEvent : IDistributedApplicationEvent
    {
        builder.Eventing.Subscribe(callback);
        return builder;
    }

    private static IResourceBuilder<T> OnEvent<T, TEvent>(this IResourceBuilder<T> builder, Func<T, TEvent, CancellationToken, Task> callback)
        where T : IResource where TEvent : IDistributedApplicationResourceEvent
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(callback);
        builder.ApplicationBuilder.Eventing.Subscribe<TEvent>(builder.Resource, (@event, cancellationToken) => callback(builder.Resource, @event, cancellationToken));
        return builder;
    }
}
