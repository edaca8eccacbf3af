using KedaJobs.Jobs.Receiving;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Jobs;

/// <summary>Everything the library says.</summary>
/// <remarks>
/// The lines that every execution writes take their numbers as text: logging code for other types would be compiled at start.
/// </remarks>
internal static partial class Log
{
    [LoggerMessage(
        1, LogLevel.Information,
        "Execution {Execution} receives from '{Queue}': {Concurrency} messages at a time, for at most {TimeBudget}.")]
    public static partial void Started(this ILogger logger, string execution, string queue, string concurrency, string timeBudget);

    [LoggerMessage(2, LogLevel.Information, "Execution {Execution} ends after {Seconds} s: {Why}. Messages received: {Taken}.")]
    public static partial void Finished(this ILogger logger, string execution, string seconds, DrainEnd why, string taken);

    [LoggerMessage(
        3, LogLevel.Error, "Execution {Execution} failed after receiving {Taken} messages. Those in progress return to the queue.")]
    public static partial void Failed(this ILogger logger, Exception exception, string execution, int taken);

    [LoggerMessage(4, LogLevel.Information, "Stop requested: no new messages are received, {InHand} are in progress.")]
    public static partial void Stopping(this ILogger logger, int inHand);

    [LoggerMessage(5, LogLevel.Warning, "{InHand} messages did not finish within the grace period. They return to the queue.")]
    public static partial void GraceOver(this ILogger logger, int inHand);

    [LoggerMessage(
        6, LogLevel.Warning,
        "Retries on '{Queue}' are not delayed: {Reason}. Failed messages are abandoned, and the broker counts the attempts.")]
    public static partial void RetriesNotDelayed(this ILogger logger, string queue, string reason);

    [LoggerMessage(
        7, LogLevel.Debug, "The connection for results could not be opened in advance. It is opened again for the first result.")]
    public static partial void NotOpenedEarly(this ILogger logger, Exception exception);

    [LoggerMessage(10, LogLevel.Information, "Job {JobId} ({Task}) completed in {Milliseconds} ms, attempt {Attempt}.")]
    public static partial void Completed(this ILogger logger, string jobId, string task, string milliseconds, string attempt);

    [LoggerMessage(
        11, LogLevel.Warning,
        "Job {JobId} ({Task}) failed, attempt {Attempt}. It returns to the queue, or to the dead-letter queue after its last delivery.")]
    public static partial void AttemptFailed(this ILogger logger, Exception exception, string jobId, string task, int attempt);

    [LoggerMessage(12, LogLevel.Warning, "Message {MessageId} is dead-lettered: {Reason}. {Description}")]
    public static partial void DeadLettered(this ILogger logger, string messageId, string reason, string description);

    [LoggerMessage(13, LogLevel.Information, "Job {JobId} ({Task}) returns to the queue unfinished: the execution ends.")]
    public static partial void GivenBack(this ILogger logger, string jobId, string task);

    [LoggerMessage(
        14, LogLevel.Warning,
        "The lock of message {MessageId} is lost: the message will be delivered again, and this attempt sends no result.")]
    public static partial void LockLost(this ILogger logger, string messageId);

    [LoggerMessage(15, LogLevel.Warning, "Job {JobId} is done, but its message could not be completed. It will be delivered again.")]
    public static partial void CompleteFailed(this ILogger logger, Exception exception, string jobId);

    [LoggerMessage(16, LogLevel.Warning, "Message {MessageId} could not be settled. It returns to the queue when its lock expires.")]
    public static partial void SettleFailed(this ILogger logger, Exception exception, string messageId);

    [LoggerMessage(17, LogLevel.Debug, "Job {JobId} names no queue for its result (ReplyTo): no result is sent.")]
    public static partial void NoReplyTo(this ILogger logger, string jobId);

    [LoggerMessage(18, LogLevel.Debug, "Job {JobId} ({Task}) begins, attempt {Attempt}.")]
    public static partial void Begins(this ILogger logger, string jobId, string task, int attempt);

    [LoggerMessage(19, LogLevel.Warning, "Job {JobId} ({Task}) failed, attempt {Attempt}. The next attempt is due in {Delay}.")]
    public static partial void AttemptFailedAndWaits(
        this ILogger logger, Exception exception, string jobId, string task, int attempt, TimeSpan delay);

    [LoggerMessage(20, LogLevel.Warning, "The lock of message {MessageId} could not be renewed, trying again.")]
    public static partial void RenewalFailed(this ILogger logger, Exception exception, string messageId);

    [LoggerMessage(21, LogLevel.Debug, "The lock of message {MessageId} is renewed until {LockedUntil:O}.")]
    public static partial void Renewed(this ILogger logger, string messageId, DateTimeOffset lockedUntil);

    [LoggerMessage(22, LogLevel.Warning, "Job {JobId} ({Task}) failed, attempt {Attempt}. It was the last one.")]
    public static partial void LastAttemptFailed(this ILogger logger, Exception exception, string jobId, string task, int attempt);

    [LoggerMessage(23, LogLevel.Warning,
        "'{Queue}' refused the transaction that lets a failed message wait. From now on failed messages are abandoned: "
            + "they return to the queue at once.")]
    public static partial void DelayRefused(this ILogger logger, Exception exception, string queue);

    [LoggerMessage(24, LogLevel.Warning, "Message {MessageId} could not be put back with a delay. It is abandoned.")]
    public static partial void DelayFailed(this ILogger logger, Exception exception, string messageId);

    [LoggerMessage(25, LogLevel.Information,
        "'{Queue}' requires sessions: its messages are received session by session. To avoid the request that detected this, "
            + "set QueueJob:RequiresSession to true.")]
    public static partial void SessionsFound(this ILogger logger, string queue);

    [LoggerMessage(26, LogLevel.Warning,
        "PrefetchCount has no effect on '{Queue}', because it requires sessions: a message that fails must come again before those behind "
        + "it.")]
    public static partial void NoPrefetch(this ILogger logger, string queue);

    [LoggerMessage(27, LogLevel.Debug, "Session '{SessionId}' begins.")]
    public static partial void SessionAccepted(this ILogger logger, string sessionId);

    [LoggerMessage(28, LogLevel.Debug, "Session '{SessionId}' is closed. Messages received: {Messages}.")]
    public static partial void SessionLeft(this ILogger logger, string sessionId, string messages);

    [LoggerMessage(29, LogLevel.Warning, "Session '{SessionId}' is lost: its messages will be delivered again.")]
    public static partial void SessionLost(this ILogger logger, Exception exception, string sessionId);

    [LoggerMessage(30, LogLevel.Warning, "Session '{SessionId}' could not be closed. Others can receive from it when its lock expires.")]
    public static partial void SessionNotClosed(this ILogger logger, Exception exception, string sessionId);

    [LoggerMessage(31, LogLevel.Warning, "The lock of session '{SessionId}' could not be renewed, trying again.")]
    public static partial void SessionRenewalFailed(this ILogger logger, Exception exception, string sessionId);

    [LoggerMessage(32, LogLevel.Debug, "The lock of session '{SessionId}' is renewed until {LockedUntil:O}.")]
    public static partial void SessionRenewed(this ILogger logger, string sessionId, DateTimeOffset lockedUntil);
}
