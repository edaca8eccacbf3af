using KedaJobs.ServiceBus.Entities.Topics;

namespace KedaJobs.ServiceBus.Entities;

/// <summary>What a queue is there for.</summary>
internal enum EntityKind : byte
{
    Queue,

    /// <summary>It is where a topic takes its messages in.</summary>
    Topic,

    /// <summary>It holds the messages of a topic's subscription.</summary>
    Subscription,
}

/// <summary>
/// A queue with its dead-letter queues: a synchronous state machine behind one lock. Time comes in as an argument; whatever concerns a
/// receiver is posted to it under the lock and handed over after it. Methods that expect the lock to be held end in <c>UnderLock</c>.
/// </summary>
internal sealed partial class QueueEntity : IJournaled
{
    /// <summary>
    /// How many messages, sessions and waits a turn ends, expires or moves on at most because something is due: others use the
    /// queue before the next turn does the rest.
    /// </summary>
    internal const int MaxDueInTurn = 512;

    private readonly Lock _gate = new();
    private readonly Rest _rest = new();
    private readonly IdleWatch _idleWatch;
    private readonly DuplicateHistory? _history;
    private readonly DateTime _openedAt;
    private long _lastSequenceNumber;
    private int _depth;
    private int _dueLeft;
    private Consumer? _wake;
    private List<Action>? _afterwards;
    private List<PostTurnWork>? _postTurnWork;
    private DateTime _armed = DateTime.MaxValue;

    public QueueEntity(QueueOptions options, DateTime now, IJournal? journal = null, IForwarder? forwarder = null)
    {
        Options = options;
        Journal = journal ?? NoJournal.Instance;
        Forwarder = forwarder;
        CreatedAt = UpdatedAt = AccessedAt = _openedAt = now;
        Main = new SubQueue(this, SubQueueKind.Main);
        DeadLetter = new SubQueue(this, SubQueueKind.DeadLetter);
        TransferDeadLetter = new SubQueue(this, SubQueueKind.TransferDeadLetter);
        _history = options.RequiresDuplicateDetection ? new DuplicateHistory() : null;
        _idleWatch = new IdleWatch(this);
        ArmIdleWatchUnderLock();
    }

    public string Name => Options.Name;

    /// <summary>The name that clients are shown: that of a queue or topic is in lower case.</summary>
    public string ShownName { get; private set; } = "";

    /// <summary>What journals call the queue: never given twice, unlike a name.</summary>
    public long Id { get; init; }

    public QueueOptions Options
    {
        get;
        private set
        {
            field = value;
            ShownName = EntityName.Shown(value.Name);
            ForwardsTo = ForwardingTarget.NameOf(value.ForwardTo);
            DeadLettersTo = ForwardingTarget.NameOf(value.ForwardDeadLetteredMessagesTo);
        }
    }

    /// <summary>The topic whose messages are taken in here, or null. What becomes active is published to its subscriptions.</summary>
    public TopicEntity? Topic { get; init; }

    /// <summary>The subscription whose messages are held here, or null.</summary>
    public SubscriptionEntity? Subscription { get; init; }

    public EntityKind Kind =>
        Topic is not null ? EntityKind.Topic : Subscription is not null ? EntityKind.Subscription : EntityKind.Queue;

    public SubQueue Main { get; }

    public SubQueue DeadLetter { get; }

    public SubQueue TransferDeadLetter { get; }

    public bool IsDeleted { get; private set; }

    /// <summary>The queue itself, or one of its dead-letter queues.</summary>
    public SubQueue Part(SubQueueKind kind) => kind switch
    {
        SubQueueKind.DeadLetter => DeadLetter,
        SubQueueKind.TransferDeadLetter => TransferDeadLetter,
        _ => Main,
    };

    public DateTime CreatedAt { get; private set; }

    public DateTime UpdatedAt { get; private set; }

    /// <summary>The last send, receive or settlement.</summary>
    public DateTime AccessedAt { get; private set; }

    /// <summary>Told when the entity wants <see cref="Advance"/> to be called at a time earlier than it said before.</summary>
    public Action<DateTime>? WakeAt { get; set; }

    /// <summary>
    /// Told, not under the lock, of each message that is dead-lettered: the entity's name, the message, the
    /// reason, and whether the broker decided so.
    /// </summary>
    public Action<string, MessageContent, string?, bool>? DeadLettered { get; set; }

    /// <summary>Told under the lock.</summary>
    public IMessageObserver? Observer { get; set; }

    /// <summary>
    /// Told, not under the lock, when nobody used the queue for as long as its options say. By then somebody may use it again: it is
    /// deleted with <see cref="DeleteIfIdle"/> only.
    /// </summary>
    public Action<QueueEntity>? IdleTimeOver { get; set; }

    /// <summary>
    /// The sizes of all messages, dead letters included, and of all session states (Microsoft Learn: "Message sessions").
    /// </summary>
    internal long SizeInBytes { get; set; }

    internal IJournal Journal { get; }

    /// <summary>Where its declaration is noted.</summary>
    public JournalPlace JournalPlace { get; set; }

    internal IForwarder? Forwarder { get; }

    internal DeadlineHeap Deadlines { get; } = new();

    internal LockTokens LockTokens { get; } = new();

    internal DuplicateHistory? History => _history;

    internal long LastSequenceNumber => _lastSequenceNumber;

    /// <summary>The time of the turn under way.</summary>
    internal DateTime Now { get; private set; }

    /// <summary>The last operation or change. A time in which the broker did not run does not count: nobody could use the queue.</summary>
    internal DateTime LastUse => new[] { AccessedAt, UpdatedAt, _openedAt }.Max();

    /// <summary>Whether more is due than the turn has done. The next turn follows at once.</summary>
    internal bool HasMoreDue => Deadlines.NextDue <= Now;

    /// <summary>
    /// Whether somebody would receive what comes, so that the entity is in use: receivers that are attached, or an entity that it
    /// forwards messages or dead letters to (Microsoft Learn: "Message expiration (Time to Live)", section "Idleness"; for dead letters,
    /// see the issues Azure/azure-sdk-for-net 18517 and Azure/azure-sdk-for-js 14539).
    /// </summary>
    internal bool IsReceivedFrom =>
        ForwardsTo is not null || DeadLettersTo is not null
        || Main.HasConsumers || DeadLetter.HasConsumers || TransferDeadLetter.HasConsumers;

    /// <summary>The name of the queue or topic that messages are passed on to, or null.</summary>
    internal string? ForwardsTo { get; private set; }

    /// <summary>The name of the queue or topic that takes the place of the dead-letter queue, or null.</summary>
    internal string? DeadLettersTo { get; private set; }

    /// <summary>Does what has become due, in as many turns as it takes.</summary>
    public void Advance(DateTime now)
    {
        _gate.Enter();
        _armed = DateTime.MaxValue;
        _gate.Exit();
        while (!AdvanceOnce(now))
        {
        }
    }

    /// <summary>How many messages there are, when all that is due is done.</summary>
    public MessageCounts Count(DateTime now)
    {
        while (!AdvanceOnce(now))
        {
        }

        using var turn = Begin(now);
        return new MessageCounts
        {
            Active = Main.ActiveCount,
            Scheduled = Main.ScheduledCount,
            DeadLetter = DeadLetter.TotalCount,
            Transfer = Main.TransferringCount,
            TransferDeadLetter = TransferDeadLetter.TotalCount,
            SizeInBytes = SizeInBytes,
        };
    }

    /// <summary>Takes on changed options. What may not change is the caller's to check.</summary>
    public void Update(QueueOptions options, DateTime now)
    {
        using var turn = Begin(now);
        Options = options;
        UpdatedAt = now;
        Journal.Defined(this);
        ArmIdleWatchUnderLock();
        if (options.Status is EntityStatus.Disabled or EntityStatus.ReceiveDisabled)
        {
            Main.DetachAllUnderLock(DetachReason.QueueDisabled);
            DeadLetter.DetachAllUnderLock(DetachReason.QueueDisabled);
            TransferDeadLetter.DetachAllUnderLock(DetachReason.QueueDisabled);
        }

        if (ForwardsTo is not null)
        {
            Main.DetachAllUnderLock(DetachReason.QueueForwards);
            Main.ForwardAvailableUnderLock();
        }
    }

    /// <summary>Ends the queue: its receivers are detached, its messages are gone.</summary>
    public void Delete(DateTime now)
    {
        using var turn = Begin(now);
        EndEntityUnderLock();
    }

    /// <summary>Notes a use that is none of its messages'.</summary>
    internal void Touch(DateTime now)
    {
        using var turn = Begin(now);
        TouchUnderLock(now);
    }

    internal void TouchUnderLock(DateTime now) => AccessedAt = now;

    internal long NextSequenceNumberUnderLock() => ++_lastSequenceNumber;

    /// <summary>Remembers a consumer that something was posted to, if it has to be woken.</summary>
    internal void WakeUnderLock(Consumer consumer, bool needed)
    {
        if (needed)
        {
            consumer.NextWake = _wake;
            _wake = consumer;
        }
    }

    /// <summary>Has something done once the lock is released, before the turn's caller goes on.</summary>
    internal void AfterwardsUnderLock(Action action) => (_afterwards ??= []).Add(action);

    /// <summary>Has something of another entity's turn handed over once the lock is released.</summary>
    internal void AfterwardsUnderLock(in PostTurnWork work)
    {
        if (!work.IsEmpty)
        {
            (_postTurnWork ??= []).Add(work);
        }
    }

    /// <summary>Whether this turn may end, expire or move on one more of what is due. If not, there will be another turn soon.</summary>
    internal bool TryDoOneMoreUnderLock()
    {
        if (_dueLeft > 0)
        {
            _dueLeft--;
            return true;
        }

        Deadlines.Set(_rest, Now);
        return false;
    }

    /// <summary>Begins a turn: takes the lock and does what has become due, or as much of it as one turn does.</summary>
    internal Turn Begin(DateTime now)
    {
        Enter(now);
        return new Turn(this);
    }

    private void Enter(DateTime now)
    {
        _gate.Enter();
        try
        {
            // A turn within a transaction is a part of its turn.
            if (_depth++ == 0)
            {
                DoWhatIsDueUnderLock(now);
            }
        }
        catch
        {
            _depth--;
            _gate.Exit();
            throw;
        }
    }

    /// <returns>Whether nothing more is due.</returns>
    private bool AdvanceOnce(DateTime now)
    {
        using var turn = Begin(now);

        // Not in every turn: one is taken at the end of each transfer, and would pass on the next messages before this one's are gone.
        Main.ForwardRestUnderLock();
        return IsDeleted || !HasMoreDue;
    }

    private void DoWhatIsDueUnderLock(DateTime now)
    {
        (Now, _dueLeft) = (now, MaxDueInTurn);
        while (!IsDeleted && _dueLeft > 0 && Deadlines.TryTake(now, out var due))
        {
            _dueLeft--;
            switch (due)
            {
                case BrokerMessage message:
                    message.Home!.OnDueUnderLock(message, now);
                    break;
                case Session session:
                    session.Queue.OnDueUnderLock(session, now);
                    break;
                case SessionWaiter waiter:
                    waiter.Queue.OnDueUnderLock(waiter);
                    break;
                case IdleWatch:
                    OnIdleWatchDueUnderLock();
                    break;
            }
        }
    }

    /// <summary>Ends a turn: releases the lock, and says what is to be handed over.</summary>
    private PostTurnWork Leave()
    {
        try
        {
            return _depth == 1 ? EndTurnUnderLock() : default;
        }
        finally
        {
            _depth--;
            _gate.Exit();
        }
    }

    private PostTurnWork EndTurnUnderLock()
    {
        Main.DispatchUnderLock(Now);
        DeadLetter.DispatchUnderLock(Now);
        TransferDeadLetter.DispatchUnderLock(Now);
        Journal.TurnEnded(this);
        var due = Deadlines.NextDue;
        var arm = due < _armed;
        if (arm)
        {
            _armed = due;
        }

        var work = new PostTurnWork(arm ? WakeAt : null, due, _wake, _postTurnWork, _afterwards);
        (_wake, _postTurnWork, _afterwards) = (null, null, null);
        return work;
    }

    /// <summary>What a turn left to the next: it is due at once.</summary>
    private sealed class Rest : Deadline;

    /// <summary>One operation on the entity, from taking the lock to handing over what came of it.</summary>
    internal readonly ref struct Turn(QueueEntity entity)
    {
        public void Dispose() => entity.Leave().Run();
    }
}

/// <summary>How many messages a queue has in each state, and their size.</summary>
internal readonly record struct MessageCounts
{
    /// <summary>Available, locked and deferred ones.</summary>
    public required int Active { get; init; }

    public required int Scheduled { get; init; }

    public required int DeadLetter { get; init; }

    public required int Transfer { get; init; }

    public required int TransferDeadLetter { get; init; }

    public required long SizeInBytes { get; init; }

    public int Total => Active + Scheduled + DeadLetter + Transfer + TransferDeadLetter;
}
