namespace KedaJobs.Producer;

/// <summary>Everything the producer says.</summary>
internal static partial class Log
{
    [LoggerMessage(
        1, LogLevel.Error,
        "Batch {Number} of {Batches} could not be sent. The caller must send again what it isn't told was accepted.")]
    public static partial void BatchFailed(this ILogger logger, Exception exception, int number, int batches);

    [LoggerMessage(2, LogLevel.Warning, "{Method} {Path} is answered with {Status}: {Detail}")]
    public static partial void BrokerFailed(this ILogger logger, string method, string path, int status, string detail);

    [LoggerMessage(10, LogLevel.Information, "The call was aborted: {Count} results are returned to the queue.")]
    public static partial void ResultsReturned(this ILogger logger, int count);

    [LoggerMessage(11, LogLevel.Warning, "Message {MessageId} could not be settled. It is delivered again when its lock expires.")]
    public static partial void SettleFailed(this ILogger logger, Exception exception, string messageId);

    [LoggerMessage(12, LogLevel.Warning, "Message {MessageId} on the results queue is not a result. It is moved to the dead-letter queue.")]
    public static partial void NoResult(this ILogger logger, string messageId);

    [LoggerMessage(
        13, LogLevel.Warning, "Result {MessageId} could not be returned by a copy and is abandoned, which counts as a delivery.")]
    public static partial void ReturnFailed(this ILogger logger, Exception exception, string messageId);

    [LoggerMessage(14, LogLevel.Warning, "Receiving more results failed. The {Count} that were received are handed out.")]
    public static partial void ReceiveFailed(this ILogger logger, Exception exception, int count);

    [LoggerMessage(20, LogLevel.Information, "Dead letter {JobId} (sequence number {SequenceNumber}, {Reason}) is put back.")]
    public static partial void Requeued(this ILogger logger, string jobId, long sequenceNumber, string reason);
}
