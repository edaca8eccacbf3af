using System.Diagnostics;
using Amqp;
using Azure.Messaging.ServiceBus.Diagnostics;
using Azure.Messaging.ServiceBus.Transport;

namespace Azure.Messaging.ServiceBus;

public class ServiceBusSenderOptions
{
    public string Identifier { get; set; }
}

public class ServiceBusSender : IAsyncDisposable
{
    private readonly ServiceBusClient _client;
    private readonly LazyLink<SendLink> _link;
    private readonly LazyLink<ManagementLink> _management;
    private readonly MessagingInstrumentation _instrumentation;

    protected ServiceBusSender()
    {
    }

    internal ServiceBusSender(ServiceBusClient client, string queueOrTopicName, ServiceBusSenderOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(queueOrTopicName);
        client.ThrowIfNotItsEntity(queueOrTopicName, nameof(queueOrTopicName));
        _client = client;
        EntityPath = queueOrTopicName;
        Identifier = ServiceBusClient.IdentifierOr(options?.Identifier, queueOrTopicName);
        _instrumentation = new MessagingInstrumentation(client.FullyQualifiedNamespace, queueOrTopicName);
        _link = new LazyLink<SendLink>((timeout, token) => SendLink.OpenAsync(client.Scope, EntityPath, Identifier, timeout, token));
        _management = new LazyLink<ManagementLink>((timeout, token) => ManagementLink.OpenAsync(client.Scope, EntityPath, timeout, token));
    }

    public virtual string FullyQualifiedNamespace => _client.FullyQualifiedNamespace;

    public virtual string EntityPath { get; }

    public virtual string Identifier { get; }

    public virtual bool IsClosed { get; private set; }

    public virtual Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return SendMessagesAsync([message], cancellationToken);
    }

    public virtual async Task SendMessagesAsync(IEnumerable<ServiceBusMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ThrowIfClosed();
        var batch = new EncodedMessages(_instrumentation);
        ServiceBusMessage single = null;
        foreach (var message in messages)
        {
            if (single is null && batch.Count == 0)
            {
                single = message;
                continue;
            }

            if (single is not null)
            {
                batch.TryAdd(single, long.MaxValue);
                single = null;
            }

            batch.TryAdd(message, long.MaxValue);
        }

        if (single is not null)
        {
            // Nothing to put into a batch: encoded once, by the link.
            _instrumentation.Stamp(single);
            var parent = MessagingInstrumentation.TraceParentOf(single.ApplicationProperties);
            await SendAsync(MessageConverter.ToAmqp(single), [parent], cancellationToken).ConfigureAwait(false);
        }
        else if (batch.Count > 0)
        {
            await SendAsync(batch.ToAmqp(), batch.TraceParents, cancellationToken).ConfigureAwait(false);
        }
    }

    public virtual async Task SendMessagesAsync(ServiceBusMessageBatch messageBatch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messageBatch);
        ThrowIfClosed();
        if (messageBatch.Store is not EncodedMessages messages)
        {
            throw new InvalidOperationException("The batch was made by the model factory: it is for tests of callers and cannot be sent.");
        }

        if (messages.Count == 0)
        {
            return;
        }

        messageBatch.Lock();
        try
        {
            await SendAsync(messages.ToAmqp(), messages.TraceParents, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            messageBatch.Unlock();
        }
    }

    public virtual ValueTask<ServiceBusMessageBatch> CreateMessageBatchAsync(CancellationToken cancellationToken = default) =>
        CreateMessageBatchAsync(new CreateMessageBatchOptions(), cancellationToken);

    public virtual async ValueTask<ServiceBusMessageBatch> CreateMessageBatchAsync(
        CreateMessageBatchOptions options, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        var limit = await RunAsync(
            async (timeout, token) => (await _link.GetAsync(timeout, token).ConfigureAwait(false)).MaxMessageSize, cancellationToken).ConfigureAwait(false);
        if (options?.MaxSizeInBytes > limit)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.MaxSizeInBytes, $"The service takes batches of up to {limit} bytes.");
        }

        return new ServiceBusMessageBatch(options?.MaxSizeInBytes ?? limit, new EncodedMessages(_instrumentation));
    }

    public virtual async Task<long> ScheduleMessageAsync(
        ServiceBusMessage message, DateTimeOffset scheduledEnqueueTime, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return (await ScheduleMessagesAsync([message], scheduledEnqueueTime, cancellationToken).ConfigureAwait(false))[0];
    }

    public virtual async Task<IReadOnlyList<long>> ScheduleMessagesAsync(
        IEnumerable<ServiceBusMessage> messages, DateTimeOffset scheduledEnqueueTime, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ThrowIfClosed();
        var list = messages.ToList();
        if (list.Count == 0)
        {
            return [];
        }

        var parents = new List<string>();
        foreach (var message in list)
        {
            message.ScheduledEnqueueTime = scheduledEnqueueTime.ToUniversalTime();
            _instrumentation.Stamp(message);
            parents.Add(MessagingInstrumentation.TraceParentOf(message.ApplicationProperties));
        }

        using var scope = _instrumentation.Start("ServiceBusSender.Schedule", ActivityKind.Client, "publish", parents);
        try
        {
            return await ManageAsync(
                (link, timeout, token) => link.ScheduleAsync(list, timeout, token), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            scope.Failed(e);
            throw;
        }
    }

    public virtual Task CancelScheduledMessageAsync(long sequenceNumber, CancellationToken cancellationToken = default) =>
        CancelScheduledMessagesAsync([sequenceNumber], cancellationToken);

    public virtual async Task CancelScheduledMessagesAsync(IEnumerable<long> sequenceNumbers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sequenceNumbers);
        ThrowIfClosed();
        var numbers = sequenceNumbers.ToArray();
        if (numbers.Length == 0)
        {
            return;
        }

        using var scope = _instrumentation.Start("ServiceBusSender.Cancel", ActivityKind.Client);
        try
        {
            await ManageAsync(
                async (link, timeout, token) =>
                {
                    await link.CancelScheduledAsync(numbers, timeout, token).ConfigureAwait(false);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            scope.Failed(e);
            throw;
        }
    }

    public virtual async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        IsClosed = true;
        await _link.CloseAsync().ConfigureAwait(false);
        await _management.CloseAsync().ConfigureAwait(false);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    private async Task SendAsync(Message message, IReadOnlyCollection<string> parents, CancellationToken cancellationToken)
    {
        using var scope = _instrumentation.Start("ServiceBusSender.Send", ActivityKind.Client, "publish", parents);
        try
        {
            await RunAsync(
                async (timeout, token) =>
                {
                    var link = _link.Current ?? await _link.GetAsync(timeout, token).ConfigureAwait(false);
                    await link.SendAsync(message, timeout, token).ConfigureAwait(false);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            scope.Failed(e);
            throw;
        }
    }

    private Task<T> ManageAsync<T>(Func<ManagementLink, TimeSpan, CancellationToken, Task<T>> operation, CancellationToken cancellationToken) => RunAsync(
        async (timeout, token) =>
        {
            var link = await _management.GetAsync(timeout, token).ConfigureAwait(false);
            return await operation(link, timeout, token).ConfigureAwait(false);
        },
        cancellationToken);

    private Task<T> RunAsync<T>(Func<TimeSpan, CancellationToken, Task<T>> operation, CancellationToken cancellationToken) =>
        _client.RunAsync(operation, EntityPath, cancellationToken);

    private void ThrowIfClosed()
    {
        ObjectDisposedException.ThrowIf(IsClosed, typeof(ServiceBusSender));
        _client.ThrowIfClosed();
    }
}
