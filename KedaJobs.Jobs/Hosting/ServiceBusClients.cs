using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

namespace KedaJobs.Jobs.Hosting;

/// <summary>One client, and so one AMQP connection, for each namespace.</summary>
internal sealed class ServiceBusClients : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<ServiceBusClient>> _clients = new(StringComparer.Ordinal);

    /// <remarks>The first connection to a namespace decides about the client's options.</remarks>
    /// <exception cref="QueueJobConfigurationException">The connection string cannot be used.</exception>
    public ServiceBusClient Get(QueueConnection connection, string name, QueueJobOptions options) =>
        _clients.GetOrAdd(connection.Address, _ => new Lazy<ServiceBusClient>(() => Create(connection, name, options))).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values.Where(client => client.IsValueCreated))
        {
            await client.Value.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static ServiceBusClient Create(QueueConnection connection, string name, QueueJobOptions options)
    {
        var client = new ServiceBusClientOptions();
        if (options.ClientRetries is { } retries)
        {
            client.RetryOptions.MaxRetries = retries;
        }

        options.ConfigureClient?.Invoke(client);
        return connection.CreateClient(name, client);
    }
}
