using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Amqp.Transactions;
using KedaJobs.ServiceBus.Entities;
using Session = Amqp.Session;

namespace KedaJobs.ServiceBus.Amqp;

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

    /// <summary>Decodes a request.</summary>
    /// <exception cref="WireFormatException">The bytes are not an AMQP message.</exception>
    public static Message Decode(ReadOnlySpan<byte> encoded)
    {
        // Checked to the last byte, because the library decodes recursively.
        Sections.Read(encoded);
        try
        {
            return Message.Decode(new ByteBuffer(encoded.ToArray(), 0, encoded.Length, encoded.Length));
        }
        catch (Exception malformed) when (malformed is not OutOfMemoryException)
        {
            // It decodes in memory and does nothing else; what it throws at wrong types, null keys and the like are all sorts of exceptions.
            throw new WireFormatException(malformed.Message);
        }
    }

    public override void OnMessage(MessageContext messageContext)
    {
        var received = (ReceivedMessage)messageContext.Message;
        Message request;
        try
        {
            request = Decode(received.Encoded.Span);
        }
        catch (WireFormatException malformed)
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

        if (responseLink.IsFull)
        {
            messageContext.Link.TryDispose(
                received, Outcomes.Rejection(Errors.Busy("Too many answers wait on the response link: give it credit and read them before asking for more.")));
            return;
        }

        if (messageContext.DeliveryState is TransactionalState)
        {
            messageContext.Link.TryDispose(received, Outcomes.Rejection(Errors.NoTransactions()));
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

        Services.Commits.Run(new Reply(responseLink, response));
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

    private sealed class Reply(ResponseLink link, Message response) : ICommitWaiter
    {
        public void OnCommitted() => link.Send(response);

        public void OnCommitFailed()
        {
            // What the response says may not be true after the next start. The connection is about to be closed, which is answer enough.
        }
    }
}
