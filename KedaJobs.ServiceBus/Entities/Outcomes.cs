namespace KedaJobs.ServiceBus.Entities;

/// <summary>How a submission ended.</summary>
internal enum SendOutcome
{
    Accepted,

    /// <summary>The message, or the whole batch, is larger than the queue allows.</summary>
    TooLarge,

    /// <summary>The queue holds as much as it may.</summary>
    QueueFull,

    /// <summary>The queue's status does not allow sending.</summary>
    Disabled,

    /// <summary>A queue with sessions got a message without a session id.</summary>
    SessionIdMissing,

    /// <summary>A queue got a session id longer than Service Bus allows.</summary>
    SessionIdTooLong,

    /// <summary>The queue was deleted.</summary>
    QueueDeleted,

    /// <summary>Nobody sends to a dead-letter queue.</summary>
    NotASendTarget,

    /// <summary>The topic refuses what none of its subscriptions selects.</summary>
    NoMatchingSubscription,
}

/// <summary>How a settlement, renewal or other use of a lock ended.</summary>
internal enum SettleOutcome
{
    Done,

    /// <summary>The lock has lapsed, or never was; the message is untouched.</summary>
    LockLost,

    /// <summary>The session that the message belongs to is no longer locked.</summary>
    SessionLockLost,

    /// <summary>Messages of a dead-letter queue are not dead-lettered again.</summary>
    NotAllowed,

    QueueDeleted,

    /// <summary>The queue has no room for the session's state.</summary>
    QueueFull,
}

/// <summary>How the use of sequence numbers ended.</summary>
internal enum NumberOutcome
{
    Done,

    /// <summary>One of the numbers names no message in the state asked for; none of the others was touched.</summary>
    NotFound,

    SessionLockLost,

    QueueDeleted,

    Disabled,
}

/// <summary>How the wish to receive ended.</summary>
internal enum AttachOutcome
{
    Attached,

    /// <summary>No session is free: the receiver waits and is told later.</summary>
    Waiting,

    /// <summary>The session belongs to another receiver.</summary>
    SessionHeld,

    /// <summary>The queue has sessions, and the receiver named none; or the other way round.</summary>
    SessionMismatch,

    Disabled,

    /// <summary>A queue that forwards its messages gives none.</summary>
    Forwards,

    QueueDeleted,
}

/// <summary>What a receiver wants done with a message that it holds.</summary>
internal enum Disposition
{
    Complete,
    Abandon,
    Defer,
    DeadLetter,

    /// <summary>Back to the queue as if it had not been delivered.</summary>
    Release,
}

/// <summary>A disposition with what comes along.</summary>
internal readonly record struct Settlement(Disposition Disposition)
{
    public static readonly Settlement Complete = new(Disposition.Complete);

    public string? Reason { get; init; }

    public string? Description { get; init; }

    /// <summary>Application properties to add or replace, or null.</summary>
    public IReadOnlyCollection<KeyValuePair<string, object?>>? Properties { get; init; }
}

/// <summary>Why a receiver lost its place at the queue.</summary>
internal enum DetachReason
{
    QueueDeleted,
    QueueDisabled,

    /// <summary>The queue began to forward its messages.</summary>
    QueueForwards,
    SessionLockLost,
}

/// <summary>Whether a message stays locked when it is received, or is gone.</summary>
internal enum ReceiveMode
{
    PeekLock,
    ReceiveAndDelete,
}
