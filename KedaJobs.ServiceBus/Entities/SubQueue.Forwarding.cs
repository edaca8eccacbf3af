namespace KedaJobs.ServiceBus.Entities;

/// <summary>Messages on their way to another queue.</summary>
internal sealed partial class SubQueue
{
    /// <summary>
    /// Passes on what is available, in its order: the queue began to forward while it held messages. What is more than a turn does goes
    /// with the next <see cref="QueueEntity.Advance"/>, and new messages wait behind it.
    /// </summary>
    internal void ForwardAvailableUnderLock()
    {
        _isForwardingRest = false;
        while (Entity.ForwardsTo is { } target && _available.Peek() is { } message)
        {
            if (!Entity.TryDoOneMoreUnderLock())
            {
                _isForwardingRest = true;
                return;
            }

            TransferUnderLock(message, target);
        }
    }

    internal void ForwardRestUnderLock()
    {
        if (_isForwardingRest)
        {
            ForwardAvailableUnderLock();
        }
    }

    /// <summary>Puts a message that could not be moved among those of its kind.</summary>
    internal void FailTransferUnderLock(BrokerMessage message, string failure)
    {
        var number = message.SequenceNumber;
        ExtractUnderLock(message);
        SetContent(message, [new("DeadLetterReason", "TransferFailed"), new("DeadLetterErrorDescription", failure)]);
        Entity.TransferDeadLetter.AddDeadLetteredUnderLock(message);
        Entity.Journal.Left(this, number);
    }

    private void TransferUnderLock(BrokerMessage message, string target)
    {
        LoosenUnderLock(message);
        Entity.Deadlines.Clear(message);
        message.Place = MessagePlace.Transferring;
        _transferringCount++;
        var now = Entity.Now;
        Entity.AfterwardsUnderLock(() =>
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
