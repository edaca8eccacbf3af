namespace KedaJobs.Worker;

/// <summary>Everything the worker says.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Execution {Execution} takes messages from '{Queue}', {Concurrency} at once, for {TimeBudget} at the most.")]
    public static partial void Started(this ILogger logger, string execution, string queue, int concurrency, TimeSpan timeBudget);

    [LoggerMessage(2, LogLevel.Information, "Execution {Execution} ends after {Seconds:0.0} s: {Why}. Messages taken: {Taken}.")]
    public static partial void Finished(this ILogger logger, string execution, double seconds, DrainEnd why, int taken);

    [LoggerMessage(3, LogLevel.Error, "Execution {Execution} failed after taking {Taken} messages. What it held goes back to the queue.")]
    public static partial void Failed(this ILogger logger, Exception exception, string execution, int taken);

    [LoggerMessage(4, LogLevel.Information, "Told to stop: taking nothing new, {InHand} messages in hand.")]
    public static partial void Stopping(this ILogger logger, int inHand);

    [LoggerMessage(5, LogLevel.Warning, "{InHand} messages were not finished within the grace period. They go back to the queue.")]
    public static partial void GraceOver(this ILogger logger, int inHand);

    [LoggerMessage(10, LogLevel.Information, "Job {JobId} ({Task}) completed in {Milliseconds:0.0} ms, attempt {Attempt}.")]
    public static partial void Completed(this ILogger logger, string jobId, string task, double milliseconds, int attempt);

    [LoggerMessage(11, LogLevel.Warning, "Job {JobId} ({Task}) failed, attempt {Attempt}. It goes back to the queue, or to the dead-letter queue after its last delivery.")]
    public static partial void AttemptFailed(this ILogger logger, Exception exception, string jobId, string task, int attempt);

    [LoggerMessage(12, LogLevel.Warning, "Message {MessageId} goes to the dead-letter queue: {Reason}. {Description}")]
    public static partial void DeadLettered(this ILogger logger, string messageId, string reason, string description);

    [LoggerMessage(13, LogLevel.Information, "Job {JobId} ({Task}) goes back to the queue unfinished: the execution ends.")]
    public static partial void GivenBack(this ILogger logger, string jobId, string task);

    [LoggerMessage(14, LogLevel.Warning, "The lock of message {MessageId} is lost: it will be delivered again, and this attempt sends no result.")]
    public static partial void LockLost(this ILogger logger, string messageId);

    [LoggerMessage(15, LogLevel.Warning, "The result of job {JobId} was sent, but its message could not be completed. It will be delivered again.")]
    public static partial void CompleteFailed(this ILogger logger, Exception exception, string jobId);

    [LoggerMessage(16, LogLevel.Warning, "Message {MessageId} could not be settled. It comes back when its lock expires.")]
    public static partial void SettleFailed(this ILogger logger, Exception exception, string messageId);

    [LoggerMessage(17, LogLevel.Debug, "Job {JobId} names no queue for its result (ReplyTo): it is not kept.")]
    public static partial void NoReplyTo(this ILogger logger, string jobId);

    [LoggerMessage(18, LogLevel.Debug, "Job {JobId} ({Task}) begins, attempt {Attempt}.")]
    public static partial void Begins(this ILogger logger, string jobId, string task, int attempt);

    [LoggerMessage(20, LogLevel.Warning, "The lock of message {MessageId} could not be renewed, trying again.")]
    public static partial void RenewalFailed(this ILogger logger, Exception exception, string messageId);

    [LoggerMessage(21, LogLevel.Debug, "The lock of message {MessageId} is renewed until {LockedUntil:O}.")]
    public static partial void Renewed(this ILogger logger, string messageId, DateTimeOffset lockedUntil);
}
