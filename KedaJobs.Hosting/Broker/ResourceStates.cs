using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting.Broker;

/// <summary>Publishes the state of a namespace and its queues, which Aspire does only for resources that it provisions.</summary>
internal static class ResourceStates
{
    /// <summary>
    /// Announces the connection string, lets the resource's own waits pass, then publishes Running, so that consumers continue.
    /// </summary>
    public static async Task PublishRunningAsync(
        InitializeResourceEvent resource, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        await resource.Eventing
            .PublishAsync(new ConnectionStringAvailableEvent(resource.Resource, resource.Services), cancellationToken)
            .ConfigureAwait(false);
        await resource.Eventing
            .PublishAsync(new BeforeResourceStartedEvent(resource.Resource, resource.Services), cancellationToken).ConfigureAwait(false);
        await resource.Notifications.PublishUpdateAsync(resource.Resource, snapshot => snapshot with
        {
            State = KnownResourceStates.Running,
            StartTimeStamp = timeProvider.GetUtcNow().UtcDateTime,
        }).ConfigureAwait(false);
    }

    public static Task PublishFailedAsync(InitializeResourceEvent resource) =>
        resource.Notifications.PublishUpdateAsync(resource.Resource, snapshot => snapshot with
        {
            State = new ResourceStateSnapshot(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error),
        });
}
