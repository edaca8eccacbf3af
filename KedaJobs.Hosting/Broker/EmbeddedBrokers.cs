using System.Collections.Concurrent;
using KedaJobs.ServiceBus;
using Microsoft.Extensions.Hosting;

namespace KedaJobs.Hosting.Broker;

/// <summary>
/// Owns the brokers that run in this process. They stop after every hosted service has stopped, so that producers
/// and workers settle their messages first.
/// </summary>
/// <remarks>
/// Aspire's <c>Run</c> does not dispose of the application, so the end of the host is what counts. An application that fails to start, or
/// is disposed of without being stopped, ends them with its services.
/// </remarks>
internal sealed class EmbeddedBrokers : IHostedLifecycleService, IAsyncDisposable, IDisposable
{
    private readonly ConcurrentBag<ServiceBusBroker> _brokers = [];

    public void Add(ServiceBusBroker broker) => _brokers.Add(broker);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => StopBrokersAsync(cancellationToken);

    public async ValueTask DisposeAsync() => await StopBrokersAsync(CancellationToken.None).ConfigureAwait(false);

    // An application that is disposed of synchronously (using, not await using) must still stop its broker.
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task StopBrokersAsync(CancellationToken cancellationToken)
    {
        while (_brokers.TryTake(out var broker))
        {
            await broker.StopAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
