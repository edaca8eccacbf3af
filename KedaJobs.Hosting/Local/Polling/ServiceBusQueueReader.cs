using Azure.Identity;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace KedaJobs.Hosting.Local.Polling;

/// <summary>
/// Reads a queue, or a subscription as the queue that it is to its receivers, with one administration client, and with a receiver only when
/// messages are looked at.
/// </summary>
internal sealed class ServiceBusQueueReader(TriggerEntity entity, EntityAddress address) : IQueueReader
{
    private readonly ServiceBusAdministrationClient _administration = address.HasKey
        ? new(address.ManagementConnectionString)
        : new(address.HostName, new DefaultAzureCredential());

    private ServiceBusClient? _client;
    private ServiceBusReceiver? _receiver;

    public async Task<QueueCounts> ReadAsync(CancellationToken cancellationToken)
    {
        if (entity is TriggerEntity.Subscription { Declared: var subscription })
        {
            var counts = await _administration
                .GetSubscriptionRuntimePropertiesAsync(subscription.Parent.TopicName, subscription.SubscriptionName, cancellationToken).ConfigureAwait(false);
            return new(counts.Value.ActiveMessageCount, counts.Value.DeadLetterMessageCount);
        }

        var properties = await _administration.GetQueueRuntimePropertiesAsync(entity.Path, cancellationToken).ConfigureAwait(false);
        return new(properties.Value.ActiveMessageCount, properties.Value.DeadLetterMessageCount);
    }

    public async Task<IReadOnlyList<long>> PeekOldestAsync(int count, CancellationToken cancellationToken)
    {
        _client ??= address.HasKey ? new(address.ConnectionString) : new(address.HostName, new DefaultAzureCredential());
        // The path of a subscription is as good a name as topic and subscription apart.
        _receiver ??= _client.CreateReceiver(entity.Path);
        // From the start each time: a receiver otherwise goes on after what it has seen.
        var messages = await _receiver.PeekMessagesAsync(count, fromSequenceNumber: 0, cancellationToken).ConfigureAwait(false);
        return [.. messages.Where(message => message.State == ServiceBusMessageState.Active).Select(message => message.SequenceNumber)];
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync().ConfigureAwait(false);
        }
    }
}
