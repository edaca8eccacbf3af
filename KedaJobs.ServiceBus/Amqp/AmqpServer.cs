using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Amqp;
using Amqp.Framing;
using Amqp.Handler;
using Amqp.Listener;
using KedaJobs.ServiceBus.Runtime;
using Microsoft.AspNetCore.Connections;
using EventId = Amqp.Handler.EventId;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>Runs the AMQP library's listener on connections that the web server accepted.</summary>
internal sealed class AmqpServer : IDisposable
{
    private const int MaxFrameSize = 64 * 1024;

    /// <summary>The JavaScript client opens a session for each link.</summary>
    private const ushort MaxSessions = 5000;

    /// <summary>How long a client may take from its protocol header to its open.</summary>
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How long a client may take to read what was sent before the end of its connection.</summary>
    private static readonly TimeSpan LingerTimeout = TimeSpan.FromSeconds(10);

    private readonly BrokerServices _services;
    private readonly ILogger _log;
    private readonly HandOver _handOver = new();
    private readonly ConnectionListener _listener;
    private readonly ConcurrentDictionary<PipeTransport, bool> _transports = new();

    public AmqpServer(BrokerServices services, TimeSpan idleTimeout, ILogger log)
    {
        _services = services;
        _log = log;
        _listener = new ConnectionListener($"{HandOver.Scheme}://127.0.0.1:1", new Container(_handOver, new LinkRouter(services)))
        {
            HandlerFactory = _ => ProtocolHandler.Instance,
        };
        _listener.AMQP.MaxFrameSize = MaxFrameSize;
        _listener.AMQP.MaxSessionsPerConnection = MaxSessions;
        _listener.AMQP.IdleTimeout = (int)idleTimeout.TotalMilliseconds;
        _listener.AMQP.ContainerId = "kedajobs";
        _listener.AMQP.HostName = "localhost";
        _listener.Open();
    }

    /// <summary>Serves one connection to its end.</summary>
    public async Task ServeAsync(ConnectionContext context)
    {
        using var client = new ClientConnection(_services.Time);
        if (!await NegotiateAsync(context, client).ConfigureAwait(false))
        {
            return;
        }

        _services.Telemetry.ConnectionOpened();
        var transport = new PipeTransport(context, client, MaxFrameSize, () => _services.Catalog.MaxMessageSize);
        try
        {
            _transports.TryAdd(transport, true);
            _handOver.Offer(transport);
            await using (AbortAfter(OpenTimeout, context, () => !transport.IsOpen))
            {
                await transport.Ended.ConfigureAwait(false);
            }

            // A client that reads no more would keep its socket, and what is still to be sent, for ever. The timer outlives this method, because so may the wait.
            var linger = AbortAfter(LingerTimeout, context, static () => true);
            context.ConnectionClosed.UnsafeRegister(static timer => ((ITimer)timer!).Dispose(), linger);
            await transport.Closed.ConfigureAwait(false);
        }
        finally
        {
            _transports.TryRemove(transport, out _);
            _services.Telemetry.ConnectionClosed();
        }
    }

    /// <summary>Tells every client that the broker goes, and takes no more.</summary>
    public void Close(string reason)
    {
        _handOver.Dispose();
        foreach (var transport in _transports.Keys)
        {
            transport.EndConnection(reason);
        }

        try
        {
            _listener.Close();
        }
        catch (Exception failure) when (failure is AmqpException or ObjectDisposedException)
        {
            // The library stops at a connection that breaks or opens at this moment; every one has been ended above.
            Log.CloseInterrupted(_log, failure.Message);
        }
    }

    public void Dispose() => _handOver.Dispose();

    private ITimer AbortAfter(TimeSpan time, ConnectionContext context, Func<bool> isNeeded) => _services.Time.CreateTimer(
        _ =>
        {
            if (isNeeded())
            {
                context.Abort(new ConnectionAbortedException("The client did not keep to the time."));
            }
        },
        null,
        time,
        Timeout.InfiniteTimeSpan);

    private async Task<bool> NegotiateAsync(ConnectionContext context, ClientConnection client)
    {
        using var limit = new HandshakeLimit(context, _services.Time);
        try
        {
            var result = await SaslServer.NegotiateAsync(
                context.Transport, (name, key) => _services.Tokens.ValidateKey(name, key) is not null, limit.Token).ConfigureAwait(false);
            if (result is { Succeeded: true, User: var (name, key) } && _services.Tokens.ValidateKey(name, key) is { } grant)
            {
                client.AddGrant(grant, _services.Now);
            }

            return result.Succeeded;
        }
        catch (Exception failure) when (failure is WireFormatException or OperationCanceledException or IOException)
        {
            Log.HandshakeFailed(_log, context.ConnectionId, failure.Message);
            return false;
        }
    }

    /// <summary>What the library asks for: messages as bytes, links by the router.</summary>
    private sealed class Container : IContainer
    {
        // Its own way of telling links apart and of answering attaches is internal to the library; so one without any addresses does it.
        private readonly IContainer _links;

        public Container(HandOver handOver, LinkRouter router)
        {
            var host = new ContainerHost(Array.Empty<Address>());
            host.RegisterLinkProcessor(router);
            _links = host;
            CustomTransports = new Dictionary<string, TransportProvider>(StringComparer.OrdinalIgnoreCase) { [HandOver.Scheme] = handOver };
        }

        public IDictionary<string, TransportProvider> CustomTransports { get; }

        public X509Certificate2 ServiceCertificate => throw new NotSupportedException("The listener has no TLS.");

        public Message CreateMessage(ByteBuffer buffer)
        {
            // The library makes a new buffer for each frame and does not use it again: a message of one frame keeps it. What was put together from
            // several frames has grown beyond its size.
            var bytes = buffer.Buffer.AsMemory(buffer.Offset, buffer.Length);
            var message = new ReceivedMessage(buffer.Capacity - buffer.Length > buffer.Length / 4 + 256 ? bytes.ToArray() : bytes);
            buffer.Complete(buffer.Length);
            return message;
        }

        public Link CreateLink(ListenerConnection connection, ListenerSession session, Attach attach) => _links.CreateLink(connection, session, attach);

        public bool AttachLink(ListenerConnection connection, ListenerSession session, Link link, Attach attach) => attach switch
        {
            { Role: false, Target: not (null or Target) } => throw new AmqpException(Errors.NotImplemented("Transactions are not supported.")),
            { Role: false, Target: null } or { Role: true, Source: not Source } => throw new AmqpException(
                Errors.Create(ErrorCode.InvalidField, "The attach names no address.")),
            _ => _links.AttachLink(connection, session, link, attach),
        };
    }

    /// <summary>Gives accepted connections to the library's accept loop.</summary>
    private sealed class HandOver : TransportProvider
    {
        public const string Scheme = "kedajobs";

        private readonly Channel<PipeTransport> _accepted = Channel.CreateUnbounded<PipeTransport>();

        public HandOver() => AddressSchemes = [Scheme];

        public void Offer(PipeTransport transport)
        {
            if (!_accepted.Writer.TryWrite(transport))
            {
                transport.Close();
            }
        }

        public override async Task<IAsyncTransport> CreateAsync(Address address)
        {
            if (await _accepted.Reader.WaitToReadAsync().ConfigureAwait(false) && _accepted.Reader.TryRead(out var transport))
            {
                return transport;
            }

            // Closed: the library's loop does not end by itself, and would ask again at once.
            return await new TaskCompletionSource<IAsyncTransport>().Task.ConfigureAwait(false);
        }

        public override void Dispose() => _accepted.Writer.TryComplete();
    }

    /// <summary>Steps into the library where it has no other seam.</summary>
    private sealed class ProtocolHandler : IHandler
    {
        public static readonly ProtocolHandler Instance = new();

        /// <summary>In bytes (AMQP 1.0, part 2.7.1).</summary>
        private const uint LeastMaxFrameSize = 512;

        /// <summary>In milliseconds.</summary>
        private const uint LeastIdleTimeout = 1000;

        public bool CanHandle(EventId id) => id is EventId.SendDelivery or EventId.ConnectionRemoteOpen;

        public void Handle(Event protocolEvent)
        {
            switch (protocolEvent.Context)
            {
                case IDelivery { Message: OutgoingMessage message } delivery:
                    delivery.Tag = message.Tag;
                    break;

                case Open open:
                    Check(open);

                    // The library sends a heartbeat when the peer's timeout has fully passed. The .NET client closes when it has: a race that it loses.
                    open.IdleTimeOut /= 2;
                    break;
            }
        }

        private static void Check(Open open)
        {
            // With frames that have no room behind the performative the library would go on for ever.
            if (open.MaxFrameSize < LeastMaxFrameSize)
            {
                throw new AmqpException(Errors.Create(
                    ErrorCode.InvalidField, $"max-frame-size {open.MaxFrameSize} is too small: the specification's least is {LeastMaxFrameSize}."));
            }

            if (open.IdleTimeOut is > 0 and < LeastIdleTimeout)
            {
                throw new AmqpException(Errors.NotAllowed(
                    $"idle-time-out {open.IdleTimeOut} would need more heartbeats than messages: use {LeastIdleTimeout} or more, or none."));
            }
        }
    }
}
