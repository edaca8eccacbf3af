using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace KedaJobs.Hosting.Broker;

/// <summary>A namespace that exists in Azure with its queues, topics and subscriptions; Aspire provisions nothing.</summary>
/// <remarks>
/// The namespace's outputs are filled in from the connection string, so references to entities get complete connection strings. A reference
/// to the namespace itself gets what Aspire makes of it, the bare endpoint, which is enough with an identity but not with a key.
/// </remarks>
internal sealed class ExistingNamespace(NamespaceAddress address)
{
    public static void Attach(IResourceBuilder<AzureServiceBusResource> bus)
    {
        var builder = bus.ApplicationBuilder;
        var name = bus.Resource.Name;
        var address = NamespaceAddress.Parse(builder.Configuration.GetConnectionString(name) is { Length: > 0 } connectionString
            ? connectionString
            : throw new JobDeclarationException(
                $"RunAsExistingNamespace needs the connection string '{name}': "
                + $"set ConnectionStrings:{name} in the AppHost's user secrets to the namespace's host name (to sign in with your own "
                + "identity) or to a connection string with a key."));

        var existing = new ExistingNamespace(address);
        builder.Services.TryAddSingleton(TimeProvider.System);
        // Keeps Aspire from provisioning the namespace.
        bus.WithAnnotation(new EmulatorResourceAnnotation());
        bus.OnInitializeResource((resource, initialize, cancellationToken) =>
        {
            existing.FillIn(resource);
            return PublishAsync(initialize, cancellationToken);
        });
        builder.OnBeforeStart((beforeStart, _) =>
        {
            AzureEnvironmentRow.HideIfIdle(builder, beforeStart.Model);
            foreach (var entity in NamespaceEntities.Of(bus.Resource, beforeStart.Model.Resources))
            {
                builder.Eventing.Subscribe<InitializeResourceEvent>(entity, PublishAsync);
            }

            return Task.CompletedTask;
        });
    }

    private static Task PublishAsync(InitializeResourceEvent resource, CancellationToken cancellationToken) =>
        ResourceStates.PublishRunningAsync(resource, resource.Services.GetRequiredService<TimeProvider>(), cancellationToken);

    private void FillIn(AzureServiceBusResource bus)
    {
        bus.Outputs["serviceBusEndpoint"] = address.Endpoint;
        bus.Outputs["serviceBusHostName"] = address.HostName;
        // Aspire makes every consumer wait for the provisioning that does not take place.
        bus.ProvisioningTaskCompletionSource?.TrySetResult();
    }
}
