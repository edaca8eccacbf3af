using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

namespace KedaJobs.Jobs.Hosting;

/// <summary>One client, and so one AMQP connection, for each namespace.</summary>
internal sealed class ServiceBusClients : IAsyncDisposable, IDisposable
{
    private readonly List<EarlyConnection> _early = [];
    private readonly ConcurrentDictionary<string, Lazy<ServiceBusClient>> _clients = new(StringComparer.Ordinal);

    /// <remarks>The first connection to a namespace decides about the client's options.</remarks>
    /// <exception cref="QueueJobConfigurationException">The connection string cannot be used.</exception>
    public ServiceBusClient Get(QueueConnection connection, string name, QueueJobOptions options) =>
        _clients.GetOrAdd(connection.Address, _ => new Lazy<ServiceBusClient>(() => Create(connection, name, options))).Value;

    /// <summary>Begins to open the connection that results go out on.</summary>
    /// <param name="connection">The namespace.</param>
    /// <param name="name">The name of the connection string.</param>
    /// <param name="options">The options of the job.</param>
    /// <param name="entity">The queue that results go to. Null if none is known.</param>
    public EarlyConnection Open(QueueConnection connection, string name, QueueJobOptions options, string? entity)
    {
        var early = new EarlyConnection(() => Get(connection, name, options), entity);
        _early.Add(early);
        return early;
    }

    public async ValueTask DisposeAsync()
    {
        // These come first because they may still create a client.
        foreach (var early in _early)
        {
            await early.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var client in _clients.Values.Where(client => client.IsValueCreated))
        {
            await client.Value.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// For service containers that are disposed synchronously: they throw if a service can only be disposed asynchronously.
    /// </summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

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
