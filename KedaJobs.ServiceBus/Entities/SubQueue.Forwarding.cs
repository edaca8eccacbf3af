namespace KedaJobs.ServiceBus.Entities;

/// <summary>Messages on their way to another queue.</summary>
internal sealed partial class SubQueue
{
    /// <summary>Passes on what is available: the queue began to forward while it held messages.</summary>
    internal void ForwardAvailable()
    {
        while (Entity.ForwardsTo is { } target && _available.Peek() is { } message)
        {
            Transfer(message, target);
        }
    }

    /// <summary>Puts a message that could not be moved among those of its kind.</summary>
    internal void FailTransfer(BrokerMessage message, string failure)
    {
        var number = message.SequenceNumber;
        Extract(message);
        SetContent(message, [new("DeadLetterReason", "TransferFailed"), new("DeadLetterErrorDescription", failure)]);
        Entity.TransferDeadLetter.AddDeadLettered(message);
        Entity.Journal.Left(this, number);
    }

    private void Transfer(BrokerMessage message, string target)
    {
        Loosen(message);
        Entity.Deadlines.Clear(message);
        message.Place = MessagePlace.Transferring;
        _transferringCount++;
        var now = Entity.Now;
        Entity.Afterwards(() =>
        {
            if (Entity.Forwarder is { } forwarder)
            {
                forwarder.Forward(Entity, message, target, now);
            }
            else
            {
                Entity.EndTransfer(message, "There is no way to other queues.", now);
            }
        });
    }
}
