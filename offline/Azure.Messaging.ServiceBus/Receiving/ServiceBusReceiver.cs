using System.Diagnostics;
using System.Runtime.CompilerServices;
using Amqp;
using Azure.Messaging.ServiceBus.Diagnostics;
using Azure.Messaging.ServiceBus.Transport;

namespace Azure.Messaging.ServiceBus;

public class ServiceBusReceiver : IAsyncDisposable
{
    private readonly ServiceBusClient _client;
    private readonly LazyLink<ManagementLink> _management;
    private readonly MessagingInstrumentation _instrumentation;
    private long _lastPeeked;
    private bool _closed;

    protected ServiceBusReceiver()
    {
    }

    internal ServiceBusReceiver(ServiceBusClient client, string queueName, ServiceBusReceiverOptions options)
        : this(client, Settings(queueName, options ?? new ServiceBusReceiverOptions()), opened: null)
    {
    }

    // A link that a session was accepted on is never replaced by another.
    private protected ServiceBusReceiver(ServiceBusClient client, ReceiveLinkSettings settings, ReceiveLink opened)
    {
        _client = client;
        EntityPath = settings.EntityPath;
        Identifier = settings.Identifier;
        ReceiveMode = settings.Mode;
        PrefetchCount = settings.PrefetchCount;
        _instrumentation = new MessagingInstrumentation(client.FullyQualifiedNamespace, EntityPath);
        Link = new LazyLink<ReceiveLink>(
            (timeout, token) => opened is null
                ? ReceiveLink.OpenAsync(client.Scope, settings with { PrefetchCount = PrefetchCount }, timeout, token)
                : throw Errors.LostSessionLock(),
            opened);
        _management = new LazyLink<ManagementLink>((timeout, token) => ManagementLink.OpenAsync(client.Scope, EntityPath, timeout, token));
    }

    public virtual string FullyQualifiedNamespace => _client.FullyQualifiedNamespace;

    public virtual string EntityPath { get; }

    public virtual string Identifier { get; }

    public virtual ServiceBusReceiveMode ReceiveMode { get; }

    public virtual int PrefetchCount { get; private set; }

    public virtual bool IsClosed => _closed;

    private protected LazyLink<ReceiveLink> Link { get; }

    /// <summary>The session that management operations are about; null outside sessions.</summary>
    private protected virtual string ManagedSessionId => null;

    public virtual async Task<ServiceBusReceivedMessage> ReceiveMessageAsync(
        TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default)
    {
        var messages = await ReceiveMessagesAsync(1, maxWaitTime, cancellationToken).ConfigureAwait(false);
        return messages.Count == 0 ? null : messages[0];
    }

    public virtual async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveMessagesAsync(
        int maxMessages, TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentOutOfRangeException.ThrowIfLessThan(maxMessages, 1);
        if (maxWaitTime is { } wait)
        {
            // With prefetch a call may ask for what is here already and not wait at all.
            ArgumentOutOfRangeException.ThrowIfLessThan(wait, PrefetchCount > 0 ? TimeSpan.Zero : TimeSpan.FromTicks(1), nameof(maxWaitTime));
        }

        return await TraceReceiveAsync(
            "ServiceBusReceiver.Receive",
            (timeout, token) => ReceiveOnLinkAsync(maxMessages, maxWaitTime ?? timeout, timeout, token),
            cancellationToken).ConfigureAwait(false);
    }

    public virtual async IAsyncEnumerable<ServiceBusReceivedMessage> ReceiveMessagesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (await ReceiveMessageAsync(null, cancellationToken).ConfigureAwait(false) is { } message)
            {
                yield return message;
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    public virtual async Task<ServiceBusReceivedMessage> PeekMessageAsync(
        long? fromSequenceNumber = null, CancellationToken cancellationToken = default)
    {
        var messages = await PeekMessagesAsync(1, fromSequenceNumber, cancellationToken).ConfigureAwait(false);
        return messages.Count == 0 ? null : messages[0];
    }

    public virtual async Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekMessagesAsync(
        int maxMessages, long? fromSequenceNumber = null, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentOutOfRangeException.ThrowIfLessThan(maxMessages, 1);
        var messages = await TraceReceiveAsync(
            "ServiceBusReceiver.Peek",
            (timeout, token) => ManageAsync(
                link => link.PeekAsync(fromSequenceNumber ?? _lastPeeked + 1, maxMessages, ManagedSessionId, timeout, token), timeout, token),
            cancellationToken).ConfigureAwait(false);
        if (messages.Count > 0)
        {
            _lastPeeked = messages[^1].SequenceNumber;
        }

        return messages;
    }

    public virtual async Task<ServiceBusReceivedMessage> ReceiveDeferredMessageAsync(long sequenceNumber, CancellationToken cancellationToken = default) =>
        (await ReceiveDeferredMessagesAsync([sequenceNumber], cancellationToken).ConfigureAwait(false))[0];

    public virtual async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveDeferredMessagesAsync(
        IEnumerable<long> sequenceNumbers, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentNullException.ThrowIfNull(sequenceNumbers);
        var numbers = sequenceNumbers.ToArray();
        return numbers.Length == 0
            ? []
            : await TraceReceiveAsync(
                "ServiceBusReceiver.ReceiveDeferred",
                (timeout, token) => ManageAsync(
                    link => link.ReceiveDeferredAsync(numbers, ReceiveMode, ManagedSessionId, timeout, token), timeout, token),
                cancellationToken).ConfigureAwait(false);
    }

    public virtual Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        SettleAsync("ServiceBusReceiver.Complete", message, Settlement.Complete, cancellationToken);

    public virtual Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object> propertiesToModify = null, CancellationToken cancellationToken = default) =>
        SettleAsync("ServiceBusReceiver.Abandon", message, Settlement.Abandon(propertiesToModify), cancellationToken);

    public virtual Task DeferMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object> propertiesToModify = null, CancellationToken cancellationToken = default) =>
        SettleAsync("ServiceBusReceiver.Defer", message, Settlement.Defer(propertiesToModify), cancellationToken);

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object> propertiesToModify = null, CancellationToken cancellationToken = default) =>
        DeadLetterAsync(message, propertiesToModify, null, null, cancellationToken);

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        string deadLetterReason,
        string deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default) =>
        DeadLetterAsync(message, null, deadLetterReason, deadLetterErrorDescription, cancellationToken);

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object> propertiesToModify,
        string deadLetterReason,
        string deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default) =>
        DeadLetterAsync(message, propertiesToModify, deadLetterReason, deadLetterErrorDescription, cancellationToken);

    public virtual async Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
    {
        ThrowUnlessLocked(message);
        if (ManagedSessionId is not null)
        {
            throw new InvalidOperationException("A session's messages are locked with the session: renew the session lock.");
        }

        message.LockedUntil = await TraceAsync(
            "ServiceBusReceiver.RenewMessageLock",
            message,
            (timeout, token) => ManageAsync(
                async link => (await link.RenewLocksAsync([message.LockTokenGuid], timeout, token).ConfigureAwait(false))[0], timeout, token),
            cancellationToken).ConfigureAwait(false);
    }

    public virtual async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        await Link.CloseAsync().ConfigureAwait(false);
        await _management.CloseAsync().ConfigureAwait(false);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    internal void UpdatePrefetchCount(int prefetchCount)
    {
        PrefetchCount = prefetchCount;
        Link.Current?.UpdatePrefetchCount(prefetchCount);
    }

    private protected async Task<T> ManageAsync<T>(Func<ManagementLink, Task<T>> operation, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var link = await _management.GetAsync(timeout, cancellationToken).ConfigureAwait(false);
        return await operation(link).ConfigureAwait(false);
    }

    private protected Task<T> RunAsync<T>(Func<TimeSpan, CancellationToken, Task<T>> operation, CancellationToken cancellationToken) =>
        _client.RunAsync(operation, EntityPath, cancellationToken);

    private protected async Task<T> TraceAsync<T>(
        string name, ServiceBusReceivedMessage message, Func<TimeSpan, CancellationToken, Task<T>> operation, CancellationToken cancellationToken)
    {
        string[] links = message is null ? null : [MessagingInstrumentation.TraceParentOf(message.ApplicationProperties)];
        using var scope = _instrumentation.Start(name, ActivityKind.Client, message is null ? null : "settle", links);
        try
        {
            return await RunAsync(operation, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            scope.Failed(e);
            throw;
        }
    }

    private protected void ThrowIfClosed()
    {
        ObjectDisposedException.ThrowIf(_closed, GetType());
        _client.ThrowIfClosed();
    }

    private static ReceiveLinkSettings Settings(string queueName, ServiceBusReceiverOptions options) => new(
        WellKnown.EntityPath(queueName, options.SubQueue),
        ServiceBusClient.IdentifierOr(options.Identifier, queueName),
        options.ReceiveMode,
        options.PrefetchCount);

    private async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveOnLinkAsync(
        int max, TimeSpan maxWait, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var link = Link.Current ?? await Link.GetAsync(timeout, cancellationToken).ConfigureAwait(false);
        var messages = await link.ReceiveAsync(max, maxWait, cancellationToken).ConfigureAwait(false);
        if (ManagedSessionId is not null && messages.Count < max)
        {
            // Credit left over would let later messages of the session arrive before ones that are given back.
            await link.DrainAsync(cancellationToken).ConfigureAwait(false);
        }

        return [.. messages.Select(message => MessageConverter.FromAmqp(message, ReceiveLink.TokenOf(message), isPeeked: false))];
    }

    private async Task<IReadOnlyList<ServiceBusReceivedMessage>> TraceReceiveAsync(
        string name, Func<TimeSpan, CancellationToken, Task<IReadOnlyList<ServiceBusReceivedMessage>>> receive, CancellationToken cancellationToken)
    {
        var start = DateTime.UtcNow;
        try
        {
            var messages = await RunAsync(receive, cancellationToken).ConfigureAwait(false);
            var links = messages.Select(message => MessagingInstrumentation.TraceParentOf(message.ApplicationProperties)).ToList();
            using (_instrumentation.Start(name, ActivityKind.Client, "receive", links, start: start))
            {
                return messages;
            }
        }
        catch (Exception e)
        {
            using var scope = _instrumentation.Start(name, ActivityKind.Client, "receive", start: start);
            scope.Failed(e);
            throw;
        }
    }

    private Task DeadLetterAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object> properties, string reason, string description, CancellationToken cancellationToken) =>
        SettleAsync("ServiceBusReceiver.DeadLetter", message, Settlement.DeadLetter(properties, reason, description), cancellationToken);

    private async Task SettleAsync(string name, ServiceBusReceivedMessage message, Settlement settlement, CancellationToken cancellationToken)
    {
        ThrowUnlessLocked(message);
        await TraceAsync(name, message, (timeout, token) => SettleOnceAsync(message, settlement, timeout, token), cancellationToken).ConfigureAwait(false);
        message.IsSettled = true;
    }

    // The link that brought the message settles it. After a reconnection, and for deferred messages, the lock token does.
    private async Task<bool> SettleOnceAsync(
        ServiceBusReceivedMessage message, Settlement settlement, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var link = Link.Current;
        if (link is not null && link.Owns(message.LockTokenGuid))
        {
            var error = await link.SettleAsync(message.LockTokenGuid, settlement.ToOutcome(), timeout, cancellationToken).ConfigureAwait(false);
            if (error is null)
            {
                return true;
            }

            if (error.Condition != ErrorCode.NotFound)
            {
                throw Errors.FromAmqp(error);
            }
        }

        if (ManagedSessionId is not null && link is null)
        {
            throw Errors.LostSessionLock();
        }

        return await ManageAsync(
            async management =>
            {
                await management.SettleAsync(message.LockTokenGuid, settlement, ManagedSessionId, timeout, cancellationToken).ConfigureAwait(false);
                return true;
            },
            timeout,
            cancellationToken).ConfigureAwait(false);
    }

    private void ThrowUnlessLocked(ServiceBusReceivedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        ThrowIfClosed();
        if (ReceiveMode != ServiceBusReceiveMode.PeekLock)
        {
            throw new InvalidOperationException("Only messages received in peek-lock mode can be settled or have their lock renewed.");
        }

        if (message.LockTokenGuid == Guid.Empty)
        {
            throw new InvalidOperationException("The message has no lock: it was peeked, or received in receive-and-delete mode.");
        }
    }
}
