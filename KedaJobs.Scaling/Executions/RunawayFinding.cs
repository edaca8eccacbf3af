using System.Collections.Immutable;

namespace KedaJobs.Scaling.Executions;

/// <summary>A message as peeked: nothing is locked or changed.</summary>
/// <param name="SequenceNumber">Its sequence number.</param>
/// <param name="DeliveryCount">How often it has been delivered.</param>
/// <param name="IsDeferred">
/// Whether a receiver has deferred it: it counts as active, but is delivered only to receivers that ask for it by its number.
/// </param>
public sealed record QueuedMessage(long SequenceNumber, int DeliveryCount = 0, bool IsDeferred = false);

/// <summary>What one look at the entity shows.</summary>
/// <param name="At">When it was looked at.</param>
/// <param name="Oldest">
/// The oldest messages that count as active, locked and deferred ones included; some dozens are enough. A failed
/// look must not be passed on as an empty one.
/// </param>
public sealed record QueueLook(DateTimeOffset At, ImmutableArray<QueuedMessage> Oldest)
{
    /// <summary>
    /// How long a message stays locked after its receiver has gone without settling it. Default: 1 minute, as in Service Bus.
    /// </summary>
    public TimeSpan LockDuration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Where the entity forwards its messages to, or null.</summary>
    public string? ForwardTo { get; init; }

    /// <summary>Whether the entity is disabled for receivers.</summary>
    public bool IsReceiveDisabled { get; init; }
}

/// <summary>What the evidence says about why messages stay.</summary>
public enum RunawayCause
{
    /// <summary>Executions end without completing the messages.</summary>
    NotCompleted,

    /// <summary>
    /// No execution has received any of the messages, although their locks, if any, have expired: the delivery counts have not changed.
    /// </summary>
    NotReceived,

    /// <summary>The messages are deferred.</summary>
    Deferred,

    /// <summary>The entity forwards its messages, so no one can receive from it.</summary>
    ForwardedAway,

    /// <summary>The entity is disabled for receivers.</summary>
    ReceiveDisabled,

    /// <summary>
    /// An execution was killed, or failed, while it held messages: they stay locked until a known time. The problem resolves itself.
    /// </summary>
    Locked,

    /// <summary>An execution that still runs may hold all of the messages.</summary>
    Held,
}

/// <summary>What the guard has found: executions end, and the messages they were started for stay.</summary>
/// <param name="Cause">Why, as far as there is evidence.</param>
/// <param name="Executions">How many have ended without any of the messages leaving.</param>
/// <param name="Since">Since when the messages have been there.</param>
/// <param name="Reason">The situation, in a sentence or two.</param>
/// <param name="Cure">What to do about it.</param>
public sealed record RunawayFinding(RunawayCause Cause, int Executions, DateTimeOffset Since, string Reason, string Cure)
{
    /// <summary>When it resolves itself, or null.</summary>
    public DateTimeOffset? Until { get; init; }
}
