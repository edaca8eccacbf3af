using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Azure;

/// <summary>
/// Run mode without an emulator would create the resources in Azure. The stand-in never talks to Azure: it ends where the real provisioner
/// ends for a user without a subscription.
/// </summary>
internal sealed class AzureRunModeProvisioner(IConfiguration configuration) : IDistributedApplicationEventingSubscriber
{
    private const string Failed = "Failed to Provision";

    private string Reason => configuration["Azure:SubscriptionId"] is null ? "Missing subscription configuration" : Failed;

    public Task SubscribeAsync(IDistributedApplicationEventing eventing, DistributedApplicationExecutionContext executionContext,
        CancellationToken cancellationToken)
    {
        eventing.Subscribe<InitializeResourceEvent>((@event, cancellation) => Root(@event.Resource) is { } azure && azure.IsProvisioned()
            ? FailAsync(@event, azure)
            : Task.CompletedTask);
        return Task.CompletedTask;
    }

    private async Task FailAsync(InitializeResourceEvent @event, IAzureResource azure)
    {
        var reason = Reason;
        @event.Logger.LogError("{Reason}: the stand-ins for the Azure packages do not create resources in Azure.", reason);
        await Publish(@event.Resource, KnownResourceStates.Starting, KnownResourceStateStyles.Info).ConfigureAwait(false);
        await Publish(@event.Resource, reason, KnownResourceStateStyles.Error).ConfigureAwait(false);
        if (ReferenceEquals(@event.Resource, azure))
        {
            var environment = @event.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<AzureEnvironmentResource>()
                .First();
            await Publish(environment, Failed, KnownResourceStateStyles.Error).ConfigureAwait(false);
            azure.ProvisioningTaskCompletionSource?.TrySetException(new DistributedApplicationException($"{azure.Name}: {reason}."));
        }

        Task Publish(IResource resource, string state, string style) => @event.Notifications.PublishUpdateAsync(
            resource, snapshot => snapshot with { State = new ResourceStateSnapshot(state, style) });
    }

    private static IAzureResource? Root(IResource resource)
    {
        while (resource is IResourceWithParent child)
        {
            resource = child.Parent;
        }

        return resource as IAzureResource;
    }
}
