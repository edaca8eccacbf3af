using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Amqp;
using Amqp.Framing;
using Amqp.Handler;
using Amqp.Listener;
using Amqp.Sasl;
using Amqp.Types;
using Azure.Messaging.ServiceBus;

namespace KedaJobs.Tests.Offline.Support;

/// <summary>
/// Just enough of a service for a client to attach to, that does what a test tells it: refuses, stays silent, detaches, cuts the
/// connection. What the broker does by itself is tested against the broker.
/// </summary>
internal sealed class ScriptedService : ILinkProcessor, IHandler, IDisposable
{
    private readonly ContainerHost _host;
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly ConcurrentDictionary<Message, byte[]> _tags = new();
    private readonly ConcurrentDictionary<Session, ListenerLink> _replies = new();
    private readonly int _port;

    public ScriptedService()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            _port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        _host = new ContainerHost(new Address("127.0.0.1", _port, scheme: "amqp"));
        _host.Listeners[0].SASL.EnableMechanism("MSSBCBS", new AnyoneProfile());
        _host.Listeners[0].HandlerFactory = _ => this;
        _host.RegisterLinkProcessor(this);
        _host.Open();
    }

    public string ConnectionString => $"Endpoint=sb://127.0.0.1:{_port};SharedAccessKeyName=k;SharedAccessKey=v;UseDevelopmentEmulator=true";

    /// <summary>Answers to put-token, then 202 for ever.</summary>
    public ConcurrentQueue<int> TokenAnswers { get; } = new();

    /// <summary>Application properties of each put-token.</summary>
    public ConcurrentQueue<ApplicationProperties> Tokens { get; } = new();

    /// <summary>Errors for attaching links, then all may attach.</summary>
    public ConcurrentQueue<Error> Refusals { get; } = new();

    public ConcurrentQueue<Attach> Attaches { get; } = new();

    /// <summary>What happens to transfers, then all are accepted.</summary>
    public ConcurrentQueue<Action<MessageContext>> OnTransfer { get; } = new();

    public ConcurrentQueue<Message> Received { get; } = new();

    /// <summary>What happens to outcomes, then all are confirmed as they are.</summary>
    public ConcurrentQueue<Action<DispositionContext>> OnOutcome { get; } = new();

    public ConcurrentQueue<DeliveryState> Outcomes { get; } = new();

    /// <summary>Given to whoever has credit.</summary>
    public ConcurrentQueue<Message> Deliveries { get; } = new();

    public ConcurrentQueue<ListenerLink> ReceivingLinks { get; } = new();

    /// <summary>Answers management requests: the operation and body in, a response out.</summary>
    public Func<string, Map, Message> Manage { get; set; } = (_, _) => new Message(new Map()) { ApplicationProperties = Status(200) };

    public ConcurrentQueue<string> Operations { get; } = new();

    public int Connections => _sockets.Count;

    public ServiceBusClient CreateClient(int maxRetries = 3, TimeSpan? tryTimeout = null) => new(
        ConnectionString,
        new ServiceBusClientOptions
        {
            RetryOptions = new ServiceBusRetryOptions
            {
                MaxRetries = maxRetries,
                Delay = TimeSpan.FromMilliseconds(10),
                TryTimeout = tryTimeout ?? TimeSpan.FromSeconds(30),
            },
        });

    /// <summary>Ends every TCP connection without a word.</summary>
    public void CutConnections()
    {
        foreach (var socket in _sockets)
        {
            socket.Close(0);
        }
    }

    public static ApplicationProperties Status(int code, string? condition = null)
    {
        var properties = new ApplicationProperties { ["statusCode"] = code };
        if (condition is not null)
        {
            properties["errorCondition"] = new Symbol(condition);
            properties["statusDescription"] = "scripted";
        }

        return properties;
    }

    public void Dispose() => _host.Close();

    void ILinkProcessor.Process(AttachContext attachContext)
    {
        var (attach, link) = (attachContext.Attach, attachContext.Link);
        var address = (link.Role ? ((Target)attach.Target).Address : ((Source)attach.Source).Address) ?? "";
        if (address == "$cbs" || address.EndsWith("/$management", StringComparison.Ordinal))
        {
            if (!link.Role)
            {
                _replies[link.Session] = link;
            }

            attachContext.Complete(link.Role ? new RequestEndpoint(this, address) : new DeliveryEndpoint(this, isReply: true), link.Role ? 100 : 0);
            return;
        }

        Attaches.Enqueue(attach);
        if (Refusals.TryDequeue(out var error))
        {
            attachContext.Complete(error);
            return;
        }

        if (link.Role)
        {
            attach.MaxMessageSize = 262144;
            attachContext.Complete(new TransferEndpoint(this), 100);
        }
        else
        {
            ReceivingLinks.Enqueue(link);
            attachContext.Complete(new DeliveryEndpoint(this, isReply: false), 0);
        }
    }

    bool IHandler.CanHandle(EventId id) => id is EventId.SocketAccept or EventId.SendDelivery;

    void IHandler.Handle(Event protocolEvent)
    {
        if (protocolEvent.Context is Socket socket)
        {
            _sockets.Add(socket);
        }
        else if (protocolEvent.Context is IDelivery delivery && _tags.TryRemove(delivery.Message, out var tag))
        {
            delivery.Tag = tag;
        }
    }

    private sealed class TransferEndpoint(ScriptedService service) : LinkEndpoint
    {
        public override void OnMessage(MessageContext messageContext)
        {
            service.Received.Enqueue(messageContext.Message);
            if (service.OnTransfer.TryDequeue(out var act))
            {
                act(messageContext);
            }
            else
            {
                messageContext.Complete();
            }
        }

        public override void OnFlow(FlowContext flowContext)
        {
        }

        public override void OnDisposition(DispositionContext dispositionContext)
        {
        }
    }

    private Message PutToken(Message request)
    {
        Tokens.Enqueue(request.ApplicationProperties);
        var status = TokenAnswers.TryDequeue(out var scripted) ? scripted : 202;
        return new Message("")
        {
            ApplicationProperties = new ApplicationProperties { ["status-code"] = status, ["status-description"] = "scripted" },
        };
    }

    private Message Operate(Message request)
    {
        var operation = (string)request.ApplicationProperties["operation"];
        Operations.Enqueue(operation);
        return Manage(operation, (Map)request.Body);
    }

    private sealed class DeliveryEndpoint(ScriptedService service, bool isReply) : LinkEndpoint
    {
        public override void OnFlow(FlowContext flowContext)
        {
            if (isReply)
            {
                return;
            }

            for (var credit = flowContext.Messages; credit > 0 && service.Deliveries.TryDequeue(out var message); credit--)
            {
                service._tags[message] = Guid.NewGuid().ToByteArray();
                flowContext.Link.SendMessage(message);
            }

            if (flowContext.Link.IsDraining)
            {
                flowContext.Link.SetCredit(0, drain: true, autoRestore: false);
                flowContext.Link.CompleteDrain();
            }
        }

        public override void OnDisposition(DispositionContext dispositionContext)
        {
            if (dispositionContext.Link.IsClosed)
            {
                return;
            }

            service.Outcomes.Enqueue(dispositionContext.DeliveryState);
            if (service.OnOutcome.TryDequeue(out var act))
            {
                act(dispositionContext);
            }
            else
            {
                dispositionContext.Link.DisposeMessage(dispositionContext.Message, dispositionContext.DeliveryState, settled: true);
            }
        }
    }

    private sealed class RequestEndpoint(ScriptedService service, string address) : LinkEndpoint
    {
        public override void OnMessage(MessageContext messageContext)
        {
            messageContext.Complete();
            var request = messageContext.Message;
            var response = address == "$cbs" ? service.PutToken(request) : service.Operate(request);
            response.Properties = new Properties();
            response.Properties.SetCorrelationId(request.Properties.GetMessageId());
            service._replies[messageContext.Link.Session].SendMessage(response);
        }

        public override void OnFlow(FlowContext flowContext)
        {
        }

        public override void OnDisposition(DispositionContext dispositionContext)
        {
        }
    }

    private sealed class AnyoneProfile() : SaslProfile("MSSBCBS")
    {
        protected override DescribedList GetStartCommand(string hostname) => throw new NotSupportedException();

        protected override DescribedList? OnCommand(DescribedList command) => command is SaslInit ? new SaslOutcome { Code = SaslCode.Ok } : null;

        protected override ITransport UpgradeTransport(ITransport transport) => transport;
    }
}
