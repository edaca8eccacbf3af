using KedaJobs.ServiceBus.Amqp.Framing;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Transactions;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>
/// The errors of Service Bus (Microsoft Learn: "Service Bus messaging exceptions" and the AMQP protocol guide): clients make typed
/// exceptions of the condition, the JavaScript one in one case of the text.
/// </summary>
internal static class Errors
{
    public const string NotFoundCondition = "amqp:not-found";
    public const string MessageNotFoundCondition = "com.microsoft:message-not-found";
    public const string LockLostCondition = "com.microsoft:message-lock-lost";
    public const string SessionLockLostCondition = "com.microsoft:session-lock-lost";
    public const string DisabledCondition = "com.microsoft:entity-disabled";
    public const string AlreadyExistsCondition = "com.microsoft:entity-already-exists";
    public const string NotAllowedCondition = "amqp:not-allowed";
    public const string ArgumentCondition = "com.microsoft:argument-error";
    public const string UnauthorizedCondition = "amqp:unauthorized-access";

    public static Error EntityNotFound(string path) =>
        Create(
            NotFoundCondition,
            $"The messaging entity '{path}' could not be found. To know more visit https://aka.ms/sbResourceMgrExceptions.");

    public static Error Unauthorized(string path, AccessRights right) =>
        Create(
            UnauthorizedCondition, $"Unauthorized access. '{right}' claim(s) are required to perform this operation. Resource: '{path}'.");

    public static Error TokenExpired(string path) =>
        Create(UnauthorizedCondition, $"ExpiredToken: the token for '{path}' has expired. Put a new one at $cbs, then attach again.");

    public static Error NotAllowed(string description) => Create(NotAllowedCondition, description);

    public static Error NotImplemented(string description) => Create("amqp:not-implemented", description);

    public static Error UnknownTransaction() => Create(
        "amqp:transaction:unknown-id",
        "There is no such transaction on this connection: it was never declared here, or has been discharged already.");

    public static Error TransactionTimedOut(TimeSpan limit) => Create(
        "amqp:transaction:timeout", $"The transaction was open for more than {limit.TotalMinutes} minutes and is rolled back.");

    public static Error RolledBack(string why) => Create("amqp:transaction:rollback", $"The transaction is rolled back. {why}");

    public static Error SpansEntities(string first, string other) => NotAllowed(
        "Local transactions cannot span multiple top-level entities such as queue or topic: "
        + $"'{first}' is the first one, '{other}' another.");

    public static Error TransactionTooLarge() => Create(
        "amqp:resource-limit-exceeded",
        $"Cannot send more than {Transaction.MaxMessages} messages, or {Transaction.MaxBytes} bytes of them, in a single transaction.");

    public static Error DecodeError(string description) => Create("amqp:decode-error", description);

    public static Error TooLarge(long limit) =>
        Create("amqp:link:message-size-exceeded", $"The received message (delivery) is larger than the maximum of {limit} bytes.");

    public static Error Busy(string description) => Create("com.microsoft:server-busy", description);

    public static Error Timeout(string description) => Create("com.microsoft:timeout", description);

    public static Error Internal(string description) => Create("amqp:internal-error", description);

    /// <summary>Why a submission was refused.</summary>
    public static Error Of(SendOutcome outcome, QueueEntity queue) => outcome switch
    {
        SendOutcome.TooLarge => TooLarge(queue.MaxMessageSize),
        SendOutcome.QueueFull => QuotaExceeded(queue),
        SendOutcome.Disabled => Disabled(queue, "send"),
        SendOutcome.SessionIdMissing => NotAllowed(
            "The SessionId was not set on a message, and it cannot be sent to the entity. "
            + "Entities that have session support enabled can only receive messages that have the SessionId set to a valid value."),
        SendOutcome.SessionIdTooLong => Create(ArgumentCondition, "The session id is longer than 128 characters."),
        SendOutcome.QueueDeleted => EntityNotFound(queue.Name),
        SendOutcome.NoMatchingSubscription => Create(
            "com.microsoft:no-matching-subscription",
            $"No subscription of the topic '{queue.Name}' selects the message, and the topic takes none that is not selected."),
        _ => NotAllowed("Messages cannot be sent to this entity."),
    };

    /// <summary>Why a settlement or renewal was refused.</summary>
    public static Error Of(SettleOutcome outcome, QueueEntity queue) => outcome switch
    {
        SettleOutcome.SessionLockLost => SessionLockLost(),
        SettleOutcome.NotAllowed => NotAllowed(
            "The operation is not allowed for this message: messages of a dead-letter queue cannot be dead-lettered, "
            + "and messages of a session are locked by their session."),
        SettleOutcome.QueueDeleted => EntityNotFound(queue.Name),
        SettleOutcome.QueueFull => QuotaExceeded(queue),
        _ => Create(
            LockLostCondition,
            "The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue."),
    };

    /// <summary>Why the use of sequence numbers failed.</summary>
    public static Error Of(NumberOutcome outcome, QueueEntity queue) => outcome switch
    {
        NumberOutcome.SessionLockLost => SessionLockLost(),
        NumberOutcome.QueueDeleted => EntityNotFound(queue.Name),
        NumberOutcome.Disabled => Disabled(queue, "receive"),
        _ => Create(MessageNotFoundCondition, "The specified message does not exist, or is not in the state that the operation needs."),
    };

    /// <summary>Why a receiver was refused.</summary>
    public static Error Of(AttachOutcome outcome, QueueEntity queue) => outcome switch
    {
        AttachOutcome.SessionHeld => Create(
            "com.microsoft:session-cannot-be-locked", "The requested session cannot be accepted. It may be locked by another receiver."),
        AttachOutcome.SessionMismatch when queue.Options.RequiresSession => NotAllowed(
            "It is not possible for an entity that requires sessions to create a non-sessionful message receiver."),
        AttachOutcome.SessionMismatch =>
            NotAllowed("A sessionful message receiver cannot be created on an entity that does not require sessions."),
        AttachOutcome.Disabled => Disabled(queue, "receive"),
        AttachOutcome.Forwards => NotAllowed(
            $"Can not create a message receiver on an entity with auto-forwarding enabled. Receive from '{queue.ForwardsTo}' instead."),
        _ => EntityNotFound(queue.Name),
    };

    /// <summary>Why a receiver was detached.</summary>
    public static Error Of(DetachReason reason, QueueEntity queue) => reason switch
    {
        DetachReason.SessionLockLost => SessionLockLost(),
        DetachReason.QueueDisabled => Disabled(queue, "receive"),
        DetachReason.QueueForwards => Of(AttachOutcome.Forwards, queue),
        _ => EntityNotFound(queue.Name),
    };

    public static Error Create(string condition, string description) =>
        new(condition, $"{description} TrackingId:{Guid.NewGuid()}");

    private static Error QuotaExceeded(QueueEntity queue) => Create(
        "amqp:resource-limit-exceeded",
        $"The maximum entity size has been reached or exceeded for '{queue.Name}': {queue.Options.MaxSizeInMegabytes} MB.");

    private static Error SessionLockLost() => Create(
        SessionLockLostCondition, "The session lock was lost. Request a new session receiver.");

    private static Error Disabled(QueueEntity queue, string operation) => Create(
        DisabledCondition, $"Messaging entity '{queue.Name}' is currently disabled for {operation} (status {queue.Options.Status}).");
}
