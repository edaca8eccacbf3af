using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Amqp;
using Amqp.Framing;
using Amqp.Handler;
using Amqp.Sasl;
using Amqp.Types;

namespace Azure.Messaging.ServiceBus.Transport;

/// <summary>One AMQP connection with its $cbs link. Never comes back after it has closed: the scope opens another.</summary>
internal sealed class AmqpConnection : IHandler
{
    private const int MaxFrameSize = 65536;
    private const int MaxSessions = 5000;
    private const uint SessionWindow = 5000;
    private readonly ConcurrentDictionary<Link, Action<IDelivery>> _outcomeListeners = new();
    private readonly LazyLink<CbsLink> _cbs;
    private Connection _connection;

    private AmqpConnection(ServiceEndpoint endpoint, TimeProvider time) =>
        _cbs = new LazyLink<CbsLink>((timeout, token) => CbsLink.OpenAsync(this, endpoint, time, timeout, token));

    public bool IsClosed => _connection.IsClosed;

    public Task<CbsLink> GetCbsAsync(TimeSpan timeout, CancellationToken cancellationToken) => _cbs.GetAsync(timeout, cancellationToken);

    public static async Task<AmqpConnection> OpenAsync(
        ServiceEndpoint endpoint, ServiceBusClientOptions options, string containerId, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var result = new AmqpConnection(endpoint, options.Time);
        var factory = new ConnectionFactory();
        factory.SASL.Profile = new CbsSaslProfile();
        factory.SSL.RemoteCertificateValidationCallback = options.CertificateValidationCallback;
        var custom = options.CustomEndpointAddress;
        var address = new Address(
            custom?.Host ?? endpoint.Host,
            custom is { Port: > 0 } ? custom.Port : endpoint.AmqpEndpointPort,
            scheme: endpoint.IsEmulator ? "amqp" : "amqps");
        factory.AMQP.ContainerId = containerId;
        factory.AMQP.HostName = endpoint.Host;
        factory.AMQP.MaxFrameSize = MaxFrameSize;
        factory.AMQP.MaxSessionsPerConnection = MaxSessions;

        // lite advertises half of this.
        factory.AMQP.IdleTimeout = 2 * (int)options.ConnectionIdleTimeout.TotalMilliseconds;
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timer.CancelAfter(timeout);
        try
        {
            result._connection = await factory.CreateAsync(address, timer.Token, result).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"No connection to {address.Host}:{address.Port} within {timeout.TotalSeconds:0.#} s.");
        }

        return result;
    }

    /// <summary>A session of its own for each link, as the .NET client has it.</summary>
    public Session CreateSession()
    {
        if (IsClosed)
        {
            throw Errors.FromClosed(_connection.Error, "The connection");
        }

        var begin = new Begin { IncomingWindow = SessionWindow, OutgoingWindow = SessionWindow, HandleMax = 255, NextOutgoingId = 1 };
        return new Session(_connection, begin, onBegin: null);
    }

    public void ListenForOutcomes(Link link, Action<IDelivery> listener)
    {
        _outcomeListeners[link] = listener;
        link.AddClosedCallback((_, _) => _outcomeListeners.TryRemove(link, out var _));
    }

    public async Task CloseAsync()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connection.AddClosedCallback((_, _) => closed.TrySetResult());
        _connection.Close(TimeSpan.Zero);
        await Task.WhenAny(closed.Task, Task.Delay(TimeSpan.FromSeconds(5))).ConfigureAwait(false);
    }

    bool IHandler.CanHandle(EventId id) => id is EventId.DeliveryStateChanged or EventId.ConnectionLocalOpen or EventId.ConnectionRemoteOpen;

    void IHandler.Handle(Event protocolEvent)
    {
        if (protocolEvent.Id == EventId.ConnectionLocalOpen)
        {
            ((Open)protocolEvent.Context).Properties = new Fields
            {
                [new Symbol("product")] = "azure-messaging-servicebus",
                [new Symbol("framework")] = RuntimeInformation.FrameworkDescription,
                [new Symbol("platform")] = RuntimeInformation.OSDescription,
            };
        }
        else if (protocolEvent.Id == EventId.ConnectionRemoteOpen)
        {
            // lite sends its heartbeat only when the peer's whole timeout is over: too late for a peer that counts strictly.
            var open = (Open)protocolEvent.Context;
            open.IdleTimeOut /= 2;
        }
        else if (_outcomeListeners.TryGetValue(protocolEvent.Link, out var listener))
        {
            listener((IDelivery)protocolEvent.Context);
        }
    }

    /// <summary>Authorization happens on $cbs; the mechanism only says so.</summary>
    private sealed class CbsSaslProfile() : SaslProfile("MSSBCBS")
    {
        protected override DescribedList GetStartCommand(string hostname) => new SaslInit { Mechanism = Mechanism };

        protected override DescribedList OnCommand(DescribedList command) => null;

        protected override ITransport UpgradeTransport(ITransport transport) => transport;
    }
}
