using KedaJobs.ServiceBus.Amqp.Framing;
using KedaJobs.ServiceBus.Amqp.Protocol;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>The broker's end of a link over which requests come: to <c>$cbs</c>, or to the management node of an entity.</summary>
internal abstract class RequestEndpoint(BrokerServices services, IncomingLink link) : IIncomingEndpoint
{
    /// <summary>What a request may have beside messages of the largest size, in bytes.</summary>
    private const int Overhead = 64 * 1024;

    public int Credit => 100;

    public long MaxMessageSize => Services.Catalog.MaxMessageSize + Overhead;

    protected BrokerServices Services { get; } = services;

    protected IncomingLink Link { get; } = link;

    protected abstract string Node { get; }

    public void OnMessage(in IncomingMessage message)
    {
        if (Take(message, out var request, out var responses) is { } refusal)
        {
            Link.Connection.OnRefused($"request to '{Node}'", refusal);
            Settle(message, Outcome.Refused(refusal));
            return;
        }

        Settle(message, Outcome.Accepted with { Transaction = message.State.Transaction });
        var response = Process(request!, message.State.Transaction).Encode(request!.MessageId);
        if (Services.Commits.IsImmediate)
        {
            responses!.Send(response);
        }
        else
        {
            Services.Commits.Run(new Reply(responses!, response));
        }
    }

    public void OnEnded()
    {
        // Nothing is held for a client that asks.
    }

    /// <param name="request">The request.</param>
    /// <param name="transaction">The id of the transaction that it is part of, or null.</param>
    protected abstract AmqpResponse Process(AmqpRequest request, byte[]? transaction);

    /// <returns>Why the request cannot be answered, or null.</returns>
    private Error? Take(in IncomingMessage message, out AmqpRequest? request, out ResponseLink? responses)
    {
        (request, responses) = (null, null);
        if (message.Size > MaxMessageSize)
        {
            return Errors.TooLarge(MaxMessageSize);
        }

        try
        {
            request = AmqpRequest.Decode(message.Encoded);
        }
        catch (WireFormatException malformed)
        {
            return Errors.DecodeError(malformed.Message);
        }

        responses = FindResponseLink(request.ReplyTo);
        return responses is null
            ? Errors.Create(Errors.NotFoundCondition, "There is no link for the response on this session: attach one first.")
            : responses.IsFull
                ? Errors.Busy("Too many responses are waiting on the response link: give it credit and read them before asking for more.")
            : null;
    }

    private void Settle(in IncomingMessage message, in Outcome outcome)
    {
        if (!message.Settled)
        {
            Link.Settle(message.DeliveryId, outcome);
        }
    }

    /// <summary>
    /// The two links of a request/response pair are always on one session; by the address of the response link they could not be matched,
    /// because the JavaScript client gives it none at <c>$cbs</c>.
    /// </summary>
    private ResponseLink? FindResponseLink(string? replyTo)
    {
        ResponseLink? found = null;
        foreach (var candidate in Link.Session.Links)
        {
            if (candidate is OutgoingLink { IsEnded: false, Endpoint: ResponseLink responses }
                && responses.Node.Equals(Node, StringComparison.OrdinalIgnoreCase))
            {
                if (responses.Address is { } address && address == replyTo)
                {
                    return responses;
                }

                found = responses;
            }
        }

        return found;
    }

    private sealed class Reply(ResponseLink link, byte[] response) : ICommitWaiter
    {
        public void OnCommitted() => link.Send(response);

        public void OnCommitFailed()
        {
            // What the response says may not be true after the next start. The connection is about to be closed, which is answer enough.
        }
    }
}
