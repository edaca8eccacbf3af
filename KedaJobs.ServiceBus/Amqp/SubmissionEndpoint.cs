using KedaJobs.ServiceBus.Amqp.Framing;
using KedaJobs.ServiceBus.Amqp.Protocol;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Transactions;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>The broker's end of a link over which a client sends messages to a queue.</summary>
internal sealed class SubmissionEndpoint(BrokerServices services, ClientTransactions transactions, IncomingLink link, QueueEntity queue)
    : IIncomingEndpoint
{
    /// <summary>Several messages in one transfer: a data section for each.</summary>
    private const uint BatchFormat = 0x80013700;

    /// <summary>Where single messages may be larger, batches may not (Microsoft Learn: "Large messages support").</summary>
    private const long MaxBatchSize = 1024 * 1024;

    public int Credit => 1000;

    public long MaxMessageSize => queue.MaxMessageSize;

    public void OnMessage(in IncomingMessage message)
    {
        FollowName();
        var answer = Submit(message);
        if (answer.Error is { } error)
        {
            link.Connection.OnRefused($"message to '{queue.Name}'", error);
        }

        if (!message.Settled)
        {
            Answer(message.DeliveryId, answer);
        }
    }

    public void OnEnded()
    {
        // Nothing is held for a sender.
    }

    private void Answer(uint deliveryId, in Outcome answer)
    {
        if (services.Commits.IsImmediate)
        {
            link.Settle(deliveryId, answer);
        }
        else
        {
            services.Commits.Run(new IncomingAnswer(link, deliveryId, answer));
        }
    }

    /// <summary>
    /// A link belongs to a name. If the queue was deleted, it is the next one of that name that takes the messages;
    /// while there is none, they are rejected with "not found". Closing the link with the answer would make the .NET
    /// client report a communication problem instead.
    /// </summary>
    private void FollowName()
    {
        if (queue.IsDeleted && services.Catalog.Find(queue.Name) is { Subscription: null } next)
        {
            queue = next;
        }
    }

    private Outcome Submit(in IncomingMessage message)
    {
        var isBatch = message.Format == BatchFormat;
        var limit = isBatch ? Math.Min(queue.MaxMessageSize, MaxBatchSize) : queue.MaxMessageSize;
        if (message.Size > limit)
        {
            return Outcome.Refused(Errors.TooLarge(limit));
        }

        try
        {
            MessageContent[] contents = isBatch ? [.. BatchReader.Read(message.Encoded)] : [AmqpContent.Parse(message.Encoded)];
            return message.State.Transaction is { } transaction ? Promise(transaction, contents) : Submit(contents);
        }
        catch (WireFormatException malformed)
        {
            return Outcome.Refused(Errors.DecodeError(malformed.Message));
        }
    }

    /// <summary>Has messages sent when a transaction is committed.</summary>
    private Outcome Promise(byte[] transactionId, MessageContent[] contents)
    {
        if (transactions.Find(transactionId, out var error) is not { } transaction
            || (error = transactions.Admit(transaction, queue, link.Session, isSend: true)) is not null)
        {
            return Outcome.Refused(error!);
        }

        var outcome = queue.WhyNotSend(contents, services.Now);
        if (outcome != SendOutcome.Accepted)
        {
            return Outcome.Refused(Errors.Of(outcome, queue));
        }

        if (!transaction.HasRoomFor(contents.Length, contents.Sum(content => (long)content.Size)))
        {
            return Outcome.Refused(Errors.TransactionTooLarge());
        }

        return transaction.TryAdd(new SendOperation(queue, contents, []))
            ? new Outcome(OutcomeKind.Accepted, null, transactionId)
            : Outcome.Refused(Errors.TransactionTimedOut(ClientTransactions.TimeOut));
    }

    private Outcome Submit(ReadOnlySpan<MessageContent> contents)
    {
        var outcome = queue.Send(contents, [], services.Now);
        if (outcome != SendOutcome.Accepted)
        {
            return Outcome.Refused(Errors.Of(outcome, queue));
        }

        services.Telemetry.Sent(queue.Name, contents);
        return Outcome.Accepted;
    }
}

/// <summary>Takes a batch apart. What stands before its data sections is a copy from the first message, and means nothing.</summary>
internal static class BatchReader
{
    public static List<AmqpContent> Read(ReadOnlySpan<byte> encoded)
    {
        var contents = new List<AmqpContent>();
        var reader = new WireReader(encoded);
        while (!reader.AtEnd)
        {
            if (reader.ReadDescriptor() == Descriptors.Data)
            {
                contents.Add(AmqpContent.Parse(reader.ReadBinary()));
            }
            else
            {
                reader.Skip();
            }
        }

        return contents;
    }
}
