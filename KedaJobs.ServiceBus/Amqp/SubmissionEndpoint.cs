using Amqp.Framing;
using Amqp.Listener;
using Amqp.Transactions;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>The broker's end of a link over which a client sends messages to a queue.</summary>
internal sealed class SubmissionEndpoint(BrokerServices services, QueueEntity queue) : LinkEndpoint
{
    /// <summary>How many messages a client may have on the way; it gets as much again when half of it is answered.</summary>
    public const int Credit = 1000;

    /// <summary>Several messages in one transfer: a data section for each.</summary>
    private const uint BatchFormat = 0x80013700;

    /// <summary>Where single messages may be larger, batches may not (Microsoft Learn: "Large messages support").</summary>
    private const long MaxBatchSize = 1024 * 1024;

    public override void OnMessage(MessageContext messageContext)
    {
        FollowName();
        var message = (ReceivedMessage)messageContext.Message;
        message.Link = messageContext.Link;
        message.Answer = messageContext.DeliveryState is TransactionalState
            ? Outcomes.Rejection(Errors.NoTransactions())
            : Submit(message);
        services.Commits.Run(message);
    }

    public override void OnFlow(FlowContext flowContext)
    {
        // The peer's view of a link that it sends on; nothing follows from it.
    }

    public override void OnDisposition(DispositionContext dispositionContext)
    {
        // The peer settles what it sent: everything is settled by the broker already.
    }

    /// <summary>
    /// A link belongs to a name. If the queue was deleted, it is the next one of that name that takes the messages; while there is none, they are rejected
    /// with "not found". Closing the link with the answer would make the .NET client report a communication problem instead.
    /// </summary>
    private void FollowName()
    {
        if (queue.IsDeleted && services.Catalog.Find(queue.Name) is { Subscription: null } next)
        {
            queue = next;
        }
    }

    private DeliveryState Submit(ReceivedMessage message)
    {
        var isBatch = message.Format == BatchFormat;
        var limit = isBatch ? Math.Min(queue.MaxMessageSize, MaxBatchSize) : queue.MaxMessageSize;
        if (message.Encoded.Length > limit)
        {
            return Outcomes.Rejection(Errors.TooLarge(limit));
        }

        try
        {
            return isBatch
                ? Submit([.. BatchReader.Read(message.Encoded)])
                : Submit([AmqpContent.Parse(message.Encoded)]);
        }
        catch (WireFormatException malformed)
        {
            return Outcomes.Rejection(Errors.DecodeError(malformed.Message));
        }
    }

    private DeliveryState Submit(ReadOnlySpan<MessageContent> contents)
    {
        var outcome = queue.Send(contents, [], services.Now);
        if (outcome != SendOutcome.Accepted)
        {
            return Outcomes.Rejection(Errors.Of(outcome, queue));
        }

        services.Telemetry.Sent(contents.Length);
        return Outcomes.Accepted;
    }
}

/// <summary>Takes a batch apart. What stands before its data sections is a copy from the first message, and means nothing.</summary>
internal static class BatchReader
{
    public static List<AmqpContent> Read(ReadOnlyMemory<byte> encoded)
    {
        var contents = new List<AmqpContent>();
        var reader = new WireReader(encoded.Span);
        while (!reader.AtEnd)
        {
            if (reader.ReadDescriptor() == Descriptors.Data)
            {
                // Copied, so that one message that stays does not keep the whole batch.
                contents.Add(AmqpContent.Parse(reader.ReadBinary().ToArray()));
            }
            else
            {
                reader.Skip();
            }
        }

        return contents;
    }
}
