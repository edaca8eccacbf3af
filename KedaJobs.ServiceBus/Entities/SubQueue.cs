namespace KedaJobs.ServiceBus.Entities;

/// <summary>Which part of a queue.</summary>
internal enum SubQueueKind : byte
{
    Main,
    DeadLetter,

    /// <summary>Messages that could not be forwarded.</summary>
    TransferDeadLetter,
}

/// <summary>
/// One part of a queue entity with its own messages and receivers: the queue itself, or one of its dead-letter queues.
/// Public members take the entity's lock for one turn; methods that expect it to be held end in <c>UnderLock</c>.
/// </summary>
internal sealed partial class SubQueue
{
    private readonly SequenceIndex _messages = new();
    private readonly AvailableMessages _available = new();
    private readonly HashSet<Consumer> _consumers = [];
    private readonly LinkedList<Consumer> _ready = [];
    private readonly List<Consumer> _draining = [];
    private int _scheduledCount;
    private int _transferringCount;
    private bool _dirty;
    private bool _isForwardingRest;

    public SubQueue(QueueEntity entity, SubQueueKind kind)
    {
        Entity = entity;
        Kind = kind;
    }

    public QueueEntity Entity { get; }

    public SubQueueKind Kind { get; }

    /// <summary>Whether messages are received by session. Never in a dead-letter queue.</summary>
    public bool HasSessions => Kind == SubQueueKind.Main && Entity.Options.RequiresSession;

    /// <summary>Available, locked and deferred messages: what Service Bus calls active.</summary>
    internal int ActiveCount => _messages.Count - _scheduledCount - _transferringCount;

    internal int ScheduledCount => _scheduledCount;

    internal int TransferringCount => _transferringCount;

    internal int TotalCount => _messages.Count;

    internal bool HasConsumers => _consumers.Count > 0;

    internal IEnumerable<BrokerMessage> Messages => _messages.From(0);

    /// <summary>Takes in a message that is active from now on and has a number higher than all before.</summary>
    internal void AddActiveUnderLock(BrokerMessage message)
    {
        message.State = MessageState.Active;
        if (Entity.Topic is { } topic)
        {
            topic.PublishUnderLock(message, Entity.Now);
            return;
        }

        message.ExpiresAt = ExpiryOfUnderLock(message);
        AddUnderLock(message);
        Entity.Journal.Added(this, message);
        Entity.Observer?.Enqueued(Entity.Name, message.EnqueuedTime, message.Content.Size);
        MakeAvailableUnderLock(message, isNew: true);
    }

    internal void AddScheduledUnderLock(BrokerMessage message, DateTime due)
    {
        message.State = MessageState.Scheduled;
        message.Place = MessagePlace.Aside;
        AddUnderLock(message);
        Entity.Journal.Added(this, message);
        Entity.Deadlines.Set(message, due);
    }

    /// <summary>Takes in a message from another part of the same entity; it keeps its number.</summary>
    internal void AddDeadLetteredUnderLock(BrokerMessage message)
    {
        message.State = MessageState.Active;
        message.ExpiresAt = DateTime.MaxValue;
        message.Session = null;
        message.DeadLetterSource = Entity.ShownName;
        AddUnderLock(message);
        Entity.Journal.Added(this, message);
        MakeAvailableUnderLock(message, isNew: false);
    }

    /// <summary>Takes a message out for good.</summary>
    internal void RemoveForGoodUnderLock(BrokerMessage message)
    {
        ExtractUnderLock(message);
        Entity.Journal.Removed(this, message);
    }

    /// <summary>
    /// The messages with this number or a higher one, in order, in whatever place. The queue must not change during the walk.
    /// </summary>
    internal IEnumerable<BrokerMessage> MessagesFromUnderLock(long sequenceNumber) => _messages.From(sequenceNumber);

    /// <summary>The sooner of what the message and the queue say, counted from activation. Dead letters never expire.</summary>
    private DateTime ExpiryOfUnderLock(BrokerMessage message)
    {
        var timeToLive = Math.Min(message.Content.TimeToLive.Ticks, Entity.Options.DefaultMessageTimeToLive.Ticks);
        return Kind == SubQueueKind.Main ? Deadline.After(message.EnqueuedTime, TimeSpan.FromTicks(timeToLive)) : DateTime.MaxValue;
    }

    private AvailableMessages LaneOfUnderLock(BrokerMessage message) => message.Session?.Available ?? _available;

    private void AddUnderLock(BrokerMessage message)
    {
        message.Home = this;
        message.Session = HasSessions && message.Content.SessionId is { } id ? GetOrAddSessionUnderLock(id) : null;
        if (message.Session is { } session)
        {
            session.MessageCount++;
        }

        _messages.Add(message);
        Entity.SizeInBytes += message.Content.Size;
        if (message.State == MessageState.Scheduled)
        {
            _scheduledCount++;
        }
    }

    /// <summary>Takes a message out of every structure, so that it can go elsewhere.</summary>
    private void ExtractUnderLock(BrokerMessage message)
    {
        LoosenUnderLock(message);
        Entity.Deadlines.Clear(message);
        if (message.State == MessageState.Scheduled)
        {
            _scheduledCount--;
        }

        _messages.Remove(message);
        Entity.SizeInBytes -= message.Content.Size;
        message.Home = null;
        if (message.Session is { } session)
        {
            session.MessageCount--;
            ForgetIfUnusedUnderLock(session);
        }
    }

    /// <summary>Takes a message out of the structure of its place; it stays in the queue.</summary>
    private void LoosenUnderLock(BrokerMessage message)
    {
        switch (message.Place)
        {
            case MessagePlace.Fresh or MessagePlace.Returned:
                LaneOfUnderLock(message).Remove(message);
                break;
            case MessagePlace.Locked:
                message.Session?.RemoveLocked(message);
                break;
            case MessagePlace.Transferring:
                _transferringCount--;
                break;
        }

        message.Place = MessagePlace.None;
        message.LockNumber = 0;
        message.Transaction = null;
    }

    private void MakeAvailableUnderLock(BrokerMessage message, bool isNew)
    {
        if (isNew)
        {
            LaneOfUnderLock(message).Append(message);
        }
        else
        {
            LaneOfUnderLock(message).Return(message);
        }

        Entity.Deadlines.Set(message, message.ExpiresAt);
        _dirty = true;
        if (message.Session is { } session)
        {
            OnSessionHasMessagesUnderLock(session);
        }
        else if (Kind == SubQueueKind.Main && Entity.ForwardsTo is { } target && !_isForwardingRest)
        {
            TransferUnderLock(message, target);
        }
    }
}
