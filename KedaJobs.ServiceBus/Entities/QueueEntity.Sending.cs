namespace KedaJobs.ServiceBus.Entities;

/// <summary>Submission, and passing messages on to other queues.</summary>
internal sealed partial class QueueEntity
{
    /// <summary>Service Bus's limit for the length of a session id.</summary>
    internal const int MaxSessionIdLength = 128;

    /// <summary>The largest message or batch, in bytes.</summary>
    public long MaxMessageSize => Options.MaxMessageSizeInKilobytes * 1024L;

    /// <summary>Submits one message.</summary>
    public SendOutcome Send(MessageContent content, DateTime now) => Send(new ReadOnlySpan<MessageContent>(in content), [], now);

    /// <summary>Submits messages, all of them or none. Each becomes active at its own scheduled time, or at once.</summary>
    /// <param name="contents">The messages, in order.</param>
    /// <param name="sequenceNumbers">Receives the messages' numbers; may be empty.</param>
    /// <param name="now">The time.</param>
    public SendOutcome Send(ReadOnlySpan<MessageContent> contents, Span<long> sequenceNumbers, DateTime now)
    {
        using var turn = Begin(now);
        TouchUnderLock(now);
        if (CheckUnderLock(contents) is var outcome and not SendOutcome.Accepted)
        {
            return outcome;
        }

        for (var index = 0; index < contents.Length; index++)
        {
            var number = AcceptUnderLock(new BrokerMessage(contents[index]), now);
            if (!sequenceNumbers.IsEmpty)
            {
                sequenceNumbers[index] = number;
            }
        }

        return SendOutcome.Accepted;
    }

    /// <summary>Submits a message that comes from another queue.</summary>
    public SendOutcome Forward(BrokerMessage message, DateTime now)
    {
        using var turn = Begin(now);
        TouchUnderLock(now);
        var content = message.Content;
        if (CheckUnderLock(new ReadOnlySpan<MessageContent>(in content)) is var outcome and not SendOutcome.Accepted)
        {
            return outcome;
        }

        AcceptUnderLock(
            new BrokerMessage(content)
            {
                EnqueuedSequenceNumber = message.EnqueuedSequenceNumber,
                DeadLetterSource = message.DeadLetterSource,
                Hops = (byte)(message.Hops + 1),
            },
            now);
        return SendOutcome.Accepted;
    }

    /// <summary>
    /// Ends what <see cref="IForwarder.Forward"/> was asked for: the message is in the other queue, or among those that could not be moved.
    /// </summary>
    internal void EndTransfer(BrokerMessage message, string? failure, DateTime now)
    {
        using var turn = Begin(now);
        if (IsDeleted || message is not { Place: MessagePlace.Transferring, Home: { } home })
        {
            return;
        }

        TouchUnderLock(now);
        if (failure is null)
        {
            home.RemoveForGoodUnderLock(message);
        }
        else
        {
            home.FailTransferUnderLock(message, failure);
        }
    }

    internal void ForgetOldIdsUnderLock()
    {
        // Those that are left do not count any more, and go with the next messages.
        for (var most = MaxDueInTurn; most > 0; most--)
        {
            if (_history is null || !_history.TryForget(Now, Options.DuplicateDetectionHistoryTimeWindow, out var forgotten))
            {
                return;
            }

            Journal.Forgotten(forgotten);
        }
    }

    /// <summary>Whether so many bytes more stay within the quota; a topic's is that of its subscriptions as well.</summary>
    internal bool HasRoomForUnderLock(long size)
    {
        var held = (Subscription?.Topic ?? Topic) is { } topic ? topic.SizeInBytes : SizeInBytes;
        return held + size <= Options.MaxSizeInMegabytes * 1024L * 1024L;
    }

    private SendOutcome CheckUnderLock(ReadOnlySpan<MessageContent> contents)
    {
        if (IsDeleted)
        {
            return SendOutcome.QueueDeleted;
        }

        if (Options.Status is EntityStatus.Disabled or EntityStatus.SendDisabled)
        {
            return SendOutcome.Disabled;
        }

        var size = 0L;
        foreach (var content in contents)
        {
            size += content.Size;
            if (content.Size > MaxMessageSize)
            {
                return SendOutcome.TooLarge;
            }

            if (content.SessionId is { Length: > MaxSessionIdLength })
            {
                return SendOutcome.SessionIdTooLong;
            }

            if (Options.RequiresSession && string.IsNullOrEmpty(content.SessionId))
            {
                return SendOutcome.SessionIdMissing;
            }
        }

        if (!HasRoomForUnderLock(size))
        {
            return SendOutcome.QueueFull;
        }

        return Topic?.RefusesAnyUnderLock(contents, Now) == true ? SendOutcome.NoMatchingSubscription : SendOutcome.Accepted;
    }

    private long AcceptUnderLock(BrokerMessage message, DateTime now)
    {
        // A scheduled message of a transaction comes with the number that its sender was told. One that is due
        // already gets another, as at its activation.
        var isScheduled = message.Hops == 0 && message.Content.ScheduledEnqueueTime is { } at && at > now;
        message.SequenceNumber = isScheduled && message.SequenceNumber > 0 ? message.SequenceNumber : NextSequenceNumberUnderLock();
        if (message.EnqueuedSequenceNumber == 0)
        {
            message.EnqueuedSequenceNumber = message.SequenceNumber;
        }

        message.EnqueuedTime = now;
        if (_history is not null)
        {
            ForgetOldIdsUnderLock();
            if (_history.TryAdd(message.Content.MessageId, now, Options.DuplicateDetectionHistoryTimeWindow) is not { } remembered)
            {
                return message.SequenceNumber;
            }

            Journal.Remembered(remembered);
        }

        if (isScheduled)
        {
            Main.AddScheduledUnderLock(message, message.Content.ScheduledEnqueueTime!.Value);
        }
        else
        {
            Main.AddActiveUnderLock(message);
        }

        return message.SequenceNumber;
    }
}

/// <summary>What moves messages from one queue to another.</summary>
internal interface IForwarder
{
    /// <summary>
    /// Puts the message into the target queue and then ends the transfer at its source (<see cref="QueueEntity.EndTransfer"/>), in this
    /// order, so that a crash between leaves two rather than none. Called outside the source's lock.
    /// </summary>
    void Forward(QueueEntity source, BrokerMessage message, string target, DateTime now);
}
