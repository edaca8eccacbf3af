using System.Collections.Concurrent;
using KedaJobs.ServiceBus;

namespace KedaJobs.Hosting.Broker;

/// <summary>
/// Owns the brokers that run in this process. The service provider disposes of it last, after the producers and workers have been stopped:
/// they settle what they have in hand.
/// </summary>
internal sealed class EmbeddedBrokers : IAsyncDisposable, IDisposable
{
    private readonly ConcurrentBag<ServiceBusBroker> _brokers = [];

    public void Add(ServiceBusBroker broker) => _brokers.Add(broker);

    public async ValueTask DisposeAsync()
    {
        while (_brokers.TryTake(out var broker))
        {
            await broker.DisposeAsync().ConfigureAwait(false);
        }
    }

    // An application that is disposed of synchronously (using, not await using) must stop its broker all the same.
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
