using Azure.Messaging.ServiceBus.Transport;

namespace Azure.Messaging.ServiceBus;

public class ServiceBusSessionReceiver : ServiceBusReceiver
{
    protected ServiceBusSessionReceiver()
    {
    }

    private ServiceBusSessionReceiver(ServiceBusClient client, ReceiveLinkSettings settings, ReceiveLink link)
        : base(client, settings, link)
    {
        SessionId = link.SessionId;
        SessionLockedUntil = link.SessionLockedUntil;
    }

    public virtual string SessionId { get; }

    public virtual DateTimeOffset SessionLockedUntil { get; private set; }

    public override bool IsClosed => base.IsClosed || Link.Current is null;

    private protected override string ManagedSessionId => SessionId;

    public virtual async Task<BinaryData> GetSessionStateAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return await TraceAsync(
            "ServiceBusSessionReceiver.GetSessionState",
            null,
            (timeout, token) => ManageSessionAsync(link => link.GetSessionStateAsync(SessionId, timeout, token), timeout, token),
            cancellationToken).ConfigureAwait(false);
    }

    public virtual async Task SetSessionStateAsync(BinaryData sessionState, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        await TraceAsync(
            "ServiceBusSessionReceiver.SetSessionState",
            null,
            (timeout, token) => ManageSessionAsync(
                async link =>
                {
                    await link.SetSessionStateAsync(SessionId, sessionState, timeout, token).ConfigureAwait(false);
                    return true;
                },
                timeout,
                token),
            cancellationToken).ConfigureAwait(false);
    }

    public virtual async Task RenewSessionLockAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        SessionLockedUntil = await TraceAsync(
            "ServiceBusSessionReceiver.RenewSessionLock",
            null,
            (timeout, token) => ManageSessionAsync(link => link.RenewSessionLockAsync(SessionId, timeout, token), timeout, token),
            cancellationToken).ConfigureAwait(false);
    }

    internal static async Task<ServiceBusSessionReceiver> AcceptAsync(
        ServiceBusClient client, string queueName, string sessionId, ServiceBusSessionReceiverOptions options, CancellationToken cancellationToken)
    {
        client.ThrowIfClosed();
        options ??= new ServiceBusSessionReceiverOptions();
        var settings = new ReceiveLinkSettings(
            queueName,
            ServiceBusClient.IdentifierOr(options.Identifier, queueName),
            options.ReceiveMode,
            options.PrefetchCount,
            IsSession: true,
            sessionId);
        var link = await client.RunAsync(
            (timeout, token) => ReceiveLink.OpenAsync(client.Scope, settings, timeout, token), queueName, cancellationToken).ConfigureAwait(false);
        return new ServiceBusSessionReceiver(client, settings, link);
    }

    private Task<T> ManageSessionAsync<T>(Func<ManagementLink, Task<T>> operation, TimeSpan timeout, CancellationToken cancellationToken) =>
        Link.Current is null ? throw Errors.LostSessionLock() : ManageAsync(operation, timeout, cancellationToken);
}
