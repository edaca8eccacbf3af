namespace KedaJobs.ServiceBus.Entities;

/// <summary>What a receiver may see of a message's fate (the annotation <c>x-opt-message-state</c>).</summary>
internal enum MessageState : byte
{
    Active = 0,
    Deferred = 1,
    Scheduled = 2,
}

/// <summary>Where a message stands in its queue. Exactly one structure of the queue holds it in each place.</summary>
internal enum MessagePlace : byte
{
    /// <summary>Not in the queue: not yet, or no more.</summary>
    None,

    /// <summary>Available, in arrival order.</summary>
    Fresh,

    /// <summary>Available again after an unsuccessful delivery, or moved in with an older sequence number.</summary>
    Returned,

    /// <summary>Locked for a receiver.</summary>
    Locked,

    /// <summary>Deferred or scheduled: comes by its number or at its time only.</summary>
    Aside,

    /// <summary>On its way to another queue.</summary>
    Transferring,
}

/// <summary>A message in a queue. All mutable state belongs to the queue that holds it and is guarded by the queue's lock.</summary>
internal sealed class BrokerMessage(MessageContent content) : Deadline, IJournaled
{
    public MessageContent Content { get; set; } = content;

    /// <summary>Its number in the queue, which also orders messages that become due at the same time.</summary>
    public long SequenceNumber
    {
        get => Rank;
        set => Rank = value;
    }

    /// <summary>The number it got at its first submission, before any forwarding or activation.</summary>
    public long EnqueuedSequenceNumber { get; set; }

    /// <summary>When it became active, or for a scheduled one, when it was submitted.</summary>
    public DateTime EnqueuedTime { get; set; }

    public DateTime ExpiresAt { get; set; } = DateTime.MaxValue;

    /// <summary>Unsuccessful deliveries so far.</summary>
    public int DeliveryCount { get; set; }

    public MessageState State { get; set; }

    public MessagePlace Place { get; set; }

    /// <summary>Which of the locks that its queue has given is the message's; see <see cref="LockTokens"/>. 0 for none.</summary>
    public uint LockNumber { get; set; }

    /// <summary>The transaction that is to settle the message, whose lock nobody else can use then; null for none.</summary>
    public Transactions.Transaction? Transaction { get; set; }

    /// <summary>The queue that dead-lettered it, or null.</summary>
    public string? DeadLetterSource { get; set; }

    /// <summary>How many queues it was forwarded through.</summary>
    public byte Hops { get; set; }

    public SubQueue? Home { get; set; }

    public Session? Session { get; set; }

    public JournalPlace JournalPlace { get; set; }

    /// <summary>Neighbours in the list of its place: <see cref="MessagePlace.Fresh"/>, or the locked messages of a session.</summary>
    public BrokerMessage? Previous { get; set; }

    public BrokerMessage? Next { get; set; }

    /// <summary>What a receiver sees, taken while the queue's lock is held.</summary>
    public MessageSnapshot Snapshot() => new()
    {
        Content = Content,
        SequenceNumber = SequenceNumber,
        EnqueuedSequenceNumber = EnqueuedSequenceNumber,
        EnqueuedTime = EnqueuedTime,
        ExpiresAt = ExpiresAt,
        DeliveryCount = DeliveryCount,
        State = State,
        LockToken = Place == MessagePlace.Locked ? Home!.Entity.LockTokens.TokenOf(this) : default,

        // A message of a session is locked as long as its session is, which can be renewed: Service Bus says the end of time
        // (Azure/azure-sdk-for-net, issue 27057), and the .NET client then settles what it received by number after the first lock
        // duration, too. What is due for any other message that is locked is the end of its lock.
        LockedUntil = Place != MessagePlace.Locked ? null : Session is null ? Due : DateTime.MaxValue,
        DeadLetterSource = DeadLetterSource,
    };
}

/// <summary>A message as it stood at one moment: safe to read outside the queue's lock.</summary>
internal readonly record struct MessageSnapshot
{
    public required MessageContent Content { get; init; }

    public required long SequenceNumber { get; init; }

    public required long EnqueuedSequenceNumber { get; init; }

    public required DateTime EnqueuedTime { get; init; }

    public required DateTime ExpiresAt { get; init; }

    public required int DeliveryCount { get; init; }

    public required MessageState State { get; init; }

    public required Guid LockToken { get; init; }

    public required DateTime? LockedUntil { get; init; }

    public required string? DeadLetterSource { get; init; }
}
