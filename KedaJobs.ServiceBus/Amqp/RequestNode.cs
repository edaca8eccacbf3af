using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Framing;
using Amqp.Listener;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>The answer to a request: sent over the response link of the session that the request came by.</summary>
internal sealed class ResponseLink(ListenerLink link, string? address) : LinkEndpoint
{
    /// <summary>More answers than any client lets wait: one that gives no credit does not fill the memory.</summary>
    private const int MaxPending = 1000;

    private readonly Lock _gate = new();
    private readonly Queue<Message> _pending = new();
    private readonly ClientConnection _client = ClientConnection.Of(link);
    private uint _limit;
    private uint _sent;

    /// <summary>The name under which requests ask for their answers, if the client gave one.</summary>
    public string? Address { get; } = address;

    public bool IsClosed => link.IsClosed;

    public void Send(Message response)
    {
        lock (_gate)
        {
            if (_pending.Count < MaxPending)
            {
                _pending.Enqueue(response);
            }
        }

        SendPending();
    }

    public override void OnFlow(FlowContext flowContext)
    {
        lock (_gate)
        {
            _limit = _client.LastFlow.Limit;
        }

        SendPending();
        if (_client.LastFlow.Drain)
        {
            lock (_gate)
            {
                _limit = _sent;
            }

            link.SetCredit(0, drain: true, autoRestore: false);
        }
    }

    public override void OnDisposition(DispositionContext dispositionContext)
    {
        if (!dispositionContext.Settled && !link.IsClosed)
        {
            link.TryDispose(dispositionContext.Message, Outcomes.Accepted);
        }
    }

    private void SendPending()
    {
        while (true)
        {
            Message? response;
            lock (_gate)
            {
                if (unchecked((int)(_limit - _sent)) <= 0 || !_pending.TryDequeue(out response))
                {
                    return;
                }

                _sent++;
            }

            link.TrySend(response);
        }
    }
}

/// <summary>The broker's end of a link over which requests come: to <c>$cbs</c>, or to the management node of an entity.</summary>
internal abstract class RequestEndpoint(BrokerServices services) : LinkEndpoint
{
    public const int Credit = 100;

    /// <summary>
    /// The response links of each session. The two links of a request/response pair are always on one session; by the address of the response link
    /// they could not be matched, because the JavaScript client gives it none at <c>$cbs</c>.
    /// </summary>
    private static readonly ConditionalWeakTable<Session, List<(string Node, ResponseLink Link)>> Responses = [];

    protected BrokerServices Services { get; } = services;

    protected abstract string Node { get; }

    /// <summary>Makes a response link known to requests on the same session.</summary>
    public static void Register(Session session, string node, ResponseLink response)
    {
        var links = Responses.GetOrCreateValue(session);
        lock (links)
        {
            links.RemoveAll(entry => entry.Link.IsClosed);
            links.Add((node, response));
        }
    }

    public override void OnMessage(MessageContext messageContext)
    {
        var received = (ReceivedMessage)messageContext.Message;
        Message request;
        try
        {
            // Checked to the last byte, because the library decodes recursively.
            Sections.Read(received.Encoded.Span);
            request = Message.Decode(new ByteBuffer(received.Encoded.ToArray(), 0, received.Encoded.Length, received.Encoded.Length));
        }
        catch (Exception malformed) when (malformed is WireFormatException or AmqpException or InvalidOperationException or ArgumentException or InvalidCastException or IndexOutOfRangeException)
        {
            messageContext.Link.TryDispose(received, Outcomes.Rejection(Errors.DecodeError(malformed.Message)));
            return;
        }

        if (FindResponseLink(messageContext.Link.Session, request.Properties?.ReplyTo) is not { } responseLink)
        {
            messageContext.Link.TryDispose(
                received, Outcomes.Rejection(Errors.Create(Errors.NotFoundCondition, "There is no link for the response on this session: attach one first.")));
            return;
        }

        messageContext.Link.TryDispose(received, Outcomes.Accepted);
        var response = Process(request, ClientConnection.Of(messageContext.Link));
        response.Properties = new Properties();
        if (request.Properties?.GetMessageId() is { } id)
        {
            // Of the same type as the request's: the .NET client uses numbers, the JavaScript client strings.
            response.Properties.SetCorrelationId(id);
        }

        Services.Commits.Run(static answer => answer.Link.Send(answer.Response), new Reply(responseLink, response));
    }

    public override void OnFlow(FlowContext flowContext)
    {
        // The peer's view of a link that it sends on; nothing follows from it.
    }

    public override void OnDisposition(DispositionContext dispositionContext)
    {
        // Requests are settled as they come.
    }

    protected abstract Message Process(Message request, ClientConnection client);

    private ResponseLink? FindResponseLink(Session session, string? replyTo)
    {
        if (!Responses.TryGetValue(session, out var links))
        {
            return null;
        }

        lock (links)
        {
            var candidates = links.Where(entry => !entry.Link.IsClosed && string.Equals(entry.Node, Node, StringComparison.OrdinalIgnoreCase)).ToList();
            return candidates.FirstOrDefault(entry => entry.Link.Address is not null && entry.Link.Address == replyTo).Link ?? candidates.LastOrDefault().Link;
        }
    }

    private sealed record Reply(ResponseLink Link, Message Response);
}
