using System.Collections.Concurrent;
using Aspire.Hosting.Azure;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace KedaJobs.Hosting.Local.Entities;

/// <summary>One pair of clients for each namespace, made when it is first needed.</summary>
internal sealed class EntityClients : IAsyncDisposable
{
    private readonly ConcurrentDictionary<AzureServiceBusResource, Lazy<Task<Clients>>> _clients = new();

    public async Task<EntityOperations> OperationsAsync(EntityTarget target, CancellationToken cancellationToken)
    {
        var (client, administration) = await OfAsync(target).WaitAsync(cancellationToken).ConfigureAwait(false);
        return new(target, client, administration);
    }

    public async Task<ServiceBusAdministrationClient> AdministrationAsync(EntityTarget target, CancellationToken cancellationToken) =>
        (await OfAsync(target).WaitAsync(cancellationToken).ConfigureAwait(false)).Administration;

    public async ValueTask DisposeAsync()
    {
        foreach (var clients in _clients.Values.Where(clients => clients.IsValueCreated && clients.Value.IsCompletedSuccessfully))
        {
            await (await clients.Value.ConfigureAwait(false)).Client.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<Clients> OfAsync(EntityTarget target)
    {
        var made = _clients.GetOrAdd(target.Namespace, _ => new(() => CreateAsync(target)));
        try
        {
            return await made.Value.ConfigureAwait(false);
        }
        catch
        {
            // The next call tries again.
            _clients.TryRemove(KeyValuePair.Create(target.Namespace, made));
            throw;
        }
    }

    private static async Task<Clients> CreateAsync(EntityTarget target)
    {
        var address = await target.AddressAsync(CancellationToken.None).ConfigureAwait(false);
        return new(address.CreateClient(), address.CreateAdministrationClient());
    }

    private sealed record Clients(ServiceBusClient Client, ServiceBusAdministrationClient Administration);
}
