using KedaJobs.ServiceBus.Amqp.Framing;
using KedaJobs.ServiceBus.Amqp.Protocol;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>
/// The coordinator of a connection's transactions (AMQP 1.0, part 4): a message that declares one is answered with its id, a message that
/// discharges one when all of it is done, or undone.
/// </summary>
internal sealed class CoordinatorEndpoint(BrokerServices services, ClientTransactions transactions, IncomingLink link) : IIncomingEndpoint
{
    public int Credit => 100;

    public long MaxMessageSize => 1024;

    public void OnMessage(in IncomingMessage message)
    {
        var answer = Answer(message);
        if (answer.Error is { } error)
        {
            link.Connection.OnRefused("transaction", error);
        }

        if (message.Settled)
        {
            return;
        }

        if (services.Commits.IsImmediate)
        {
            link.Settle(message.DeliveryId, answer);
        }
        else
        {
            services.Commits.Run(new IncomingAnswer(link, message.DeliveryId, answer));
        }
    }

    public void OnEnded() => transactions.OnEnded(link);

    private Outcome Answer(in IncomingMessage message)
    {
        if (message.Size > MaxMessageSize)
        {
            return Outcome.Refused(Errors.TooLarge(MaxMessageSize));
        }

        try
        {
            return AmqpRequest.Decode(message.Encoded).Body switch
            {
                AmqpDescribed { Value: List<object?> fields } declare when Is(declare, Descriptors.Declare) => Declare(fields),
                AmqpDescribed { Value: List<object?> fields } discharge when Is(discharge, Descriptors.Discharge) => Discharge(fields),
                _ => Outcome.Refused(
                    Errors.Create("amqp:invalid-field", "A message to the coordinator must declare or discharge a transaction.")),
            };
        }
        catch (WireFormatException malformed)
        {
            return Outcome.Refused(Errors.DecodeError(malformed.Message));
        }
    }

    private static bool Is(AmqpDescribed value, ulong descriptor) => value.Descriptor switch
    {
        ulong number => number == descriptor,
        AmqpSymbol name => Descriptors.NumberOf(name.Value) == descriptor,
        _ => false,
    };

    private Outcome Declare(List<object?> fields)
    {
        if (fields is [not null, ..])
        {
            return Outcome.Refused(Errors.NotImplemented("Distributed transactions are not supported: declare one without a global-id."));
        }

        return transactions.Declare(link) is { } transaction
            ? new Outcome(OutcomeKind.Declared, null, transaction.Id.ToByteArray())
            : Outcome.Refused(Errors.Busy("Too many transactions are open on the connection: discharge some before declaring others."));
    }

    private Outcome Discharge(List<object?> fields)
    {
        if (fields is not [byte[] id, ..])
        {
            return Outcome.Refused(Errors.Create("amqp:invalid-field", "A discharge must name its transaction by txn-id."));
        }

        return transactions.Discharge(id, fails: fields is [_, true, ..]) is { } error ? Outcome.Refused(error) : Outcome.Accepted;
    }
}

/// <summary>The answer to a message, until it may be given.</summary>
internal sealed class IncomingAnswer(IncomingLink link, uint deliveryId, Outcome answer) : ICommitWaiter
{
    public void OnCommitted() => Give(answer);

    public void OnCommitFailed() => Give(Outcome.Refused(Errors.Internal(CommitFailedException.Text)));

    private void Give(in Outcome outcome)
    {
        link.Settle(deliveryId, outcome);
        link.Connection.Output.FlushSoon();
    }
}
