namespace KedaJobs.ServiceBus.Entities;

/// <summary>
/// One session of a queue: its messages, its state and who holds it. As a <see cref="Deadline"/> it is the end of the holder's lock.
/// Guarded by the queue's lock.
/// </summary>
internal sealed class Session(string id, SubQueue queue) : Deadline, IJournaled
{
    public string Id { get; } = id;

    public SubQueue Queue { get; } = queue;

    public AvailableMessages Available { get; } = new();

    public Consumer? Holder { get; set; }

    public DateTime LockedUntil { get; set; }

    /// <summary>What a receiver must show to take the session over from its holder; null if it is held exclusively.</summary>
    public Guid? TakeOverToken { get; set; }

    /// <summary>What its receivers keep in it, or null.</summary>
    public byte[]? State { get; set; }

    /// <summary>What the state takes of the queue's size, in bytes.</summary>
    public int StateSize => State?.Length ?? 0;

    public DateTime LastUpdated { get; set; }

    /// <summary>Where its state is noted.</summary>
    public JournalPlace JournalPlace { get; set; }

    /// <summary>All its messages in the queue, in whatever place.</summary>
    public int MessageCount { get; set; }

    /// <summary>The first of the messages that its holder has in hand.</summary>
    public BrokerMessage? FirstLocked { get; private set; }

    /// <summary>Its place among the sessions that can be given to any receiver, or null.</summary>
    public LinkedListNode<Session>? FreeNode { get; set; }

    /// <summary>Whether it has lost its holder, and not all of the messages that this one had in hand are back yet.</summary>
    public bool IsReleasing => Holder is null && FirstLocked is not null;

    /// <summary>Whether the lapse of the holder's lock is why it is being released.</summary>
    public bool HasLapsed { get; set; }

    public bool IsForgettable => Holder is null && MessageCount == 0 && State is null;

    /// <summary>Whether its holder's lock is good at a time.</summary>
    public bool IsHeldAt(DateTime now) => Holder is not null && LockedUntil > now;

    public void AddLocked(BrokerMessage message)
    {
        message.Previous = null;
        message.Next = FirstLocked;
        if (FirstLocked is not null)
        {
            FirstLocked.Previous = message;
        }

        FirstLocked = message;
    }

    public void RemoveLocked(BrokerMessage message)
    {
        if (message.Previous is null)
        {
            FirstLocked = message.Next;
        }
        else
        {
            message.Previous.Next = message.Next;
        }

        if (message.Next is not null)
        {
            message.Next.Previous = message.Previous;
        }

        message.Previous = message.Next = null;
    }
}

/// <summary>A receiver that waits for any free session; as a <see cref="Deadline"/>, the end of its patience.</summary>
internal sealed class SessionWaiter(Consumer consumer, SubQueue queue) : Deadline
{
    public Consumer Consumer { get; } = consumer;

    public SubQueue Queue { get; } = queue;
}
