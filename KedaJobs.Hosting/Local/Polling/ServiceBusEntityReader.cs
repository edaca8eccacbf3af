using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using KedaJobs.Scaling.Executions;

namespace KedaJobs.Hosting.Local.Polling;

/// <summary>
/// Reads a queue, or a subscription as the queue that it is to its receivers, with one administration client, and with a receiver only when
/// messages are looked at.
/// </summary>
internal sealed class ServiceBusEntityReader(TriggerEntity entity, EntityAddress address) : ITriggerReader, IMessageFinder
{
    private const int PageSize = 250;

    private readonly ServiceBusAdministrationClient _administration = address.CreateAdministrationClient();

    private readonly Lock _gate = new();
    private ServiceBusClient? _client;
    private ServiceBusReceiver? _receiver;
    private ServiceBusReceiver? _deadLetters;

    public async Task<TriggerCounts> ReadAsync(CancellationToken cancellationToken)
    {
        if (entity is TriggerEntity.Subscription { Declared: var subscription })
        {
            var counts = await _administration
                .GetSubscriptionRuntimePropertiesAsync(subscription.Parent.TopicName, subscription.SubscriptionName, cancellationToken)
                .ConfigureAwait(false);
            return new(counts.Value.ActiveMessageCount, counts.Value.DeadLetterMessageCount);
        }

        var properties = await _administration.GetQueueRuntimePropertiesAsync(entity.Path, cancellationToken).ConfigureAwait(false);
        return new(properties.Value.ActiveMessageCount, properties.Value.DeadLetterMessageCount);
    }

    public async Task<QueueLook?> LookAsync(int count, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // From the start each time: a receiver otherwise continues after what it has seen.
        var messages = await Receiver(ref _receiver, SubQueue.None).PeekMessagesAsync(count, fromSequenceNumber: 0, cancellationToken)
            .ConfigureAwait(false);
        var look = new QueueLook(now, [.. messages
            .Where(message => message.State != ServiceBusMessageState.Scheduled)
            .Select(message => new QueuedMessage(
                message.SequenceNumber, message.DeliveryCount, message.State == ServiceBusMessageState.Deferred))]);
        return await DescribeAsync(look, cancellationToken).ConfigureAwait(false);
    }

    public async Task<MessagePlace> FindAsync(string messageId, CancellationToken cancellationToken)
    {
        // A message may be moved from one to the other while they are looked through: the queue is asked before and after.
        var isInQueue = await IsInQueueAsync().ConfigureAwait(false);
        var deadLetter = await FindAsync(Receiver(ref _deadLetters, SubQueue.DeadLetter), messageId, cancellationToken)
            .ConfigureAwait(false);
        return new(isInQueue || (deadLetter is null && await IsInQueueAsync().ConfigureAwait(false)), deadLetter);

        async Task<bool> IsInQueueAsync() =>
            await FindAsync(Receiver(ref _receiver, SubQueue.None), messageId, cancellationToken).ConfigureAwait(false) is not null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task<ServiceBusReceivedMessage?> FindAsync(
        ServiceBusReceiver receiver, string messageId, CancellationToken cancellationToken)
    {
        var from = 0L;
        while (true)
        {
            var page = await receiver.PeekMessagesAsync(PageSize, from, cancellationToken).ConfigureAwait(false);
            if (page.FirstOrDefault(message => message.MessageId == messageId) is { } found)
            {
                return found;
            }

            if (page.Count == 0)
            {
                return null;
            }

            from = page[^1].SequenceNumber + 1;
        }
    }

    private ServiceBusReceiver Receiver(ref ServiceBusReceiver? receiver, SubQueue subQueue)
    {
        lock (_gate)
        {
            _client ??= address.CreateClient();
            // The path of a subscription is as good a name as topic and subscription apart.
            return receiver ??= _client.CreateReceiver(entity.Path, new ServiceBusReceiverOptions { SubQueue = subQueue });
        }
    }

    /// <summary>Adds the entity's current properties; they may have changed since the declaration.</summary>
    private async Task<QueueLook> DescribeAsync(QueueLook look, CancellationToken cancellationToken)
    {
        if (entity is TriggerEntity.Subscription { Declared: var declared })
        {
            var subscription = (await _administration
                .GetSubscriptionAsync(declared.Parent.TopicName, declared.SubscriptionName, cancellationToken).ConfigureAwait(false)).Value;
            return look with
            {
                LockDuration = subscription.LockDuration,
                ForwardTo = NullIfEmpty(subscription.ForwardTo),
                IsReceiveDisabled = IsReceiveDisabled(subscription.Status),
            };
        }

        var queue = (await _administration.GetQueueAsync(entity.Path, cancellationToken).ConfigureAwait(false)).Value;
        return look with
        {
            LockDuration = queue.LockDuration,
            ForwardTo = NullIfEmpty(queue.ForwardTo),
            IsReceiveDisabled = IsReceiveDisabled(queue.Status),
        };
    }

    private static bool IsReceiveDisabled(EntityStatus status) => status == EntityStatus.Disabled || status == EntityStatus.ReceiveDisabled;

    private static string? NullIfEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
