namespace KedaJobs.Contracts;

/// <summary>Application properties of messages on the jobs queue.</summary>
public static class JobProperties
{
    /// <summary>
    /// The job's id where it is not the MessageId: a job that was put back from the dead-letter queue gets a new MessageId, because a queue
    /// with duplicate detection would silently drop the old one.
    /// </summary>
    public const string JobId = "JobId";

    /// <summary>Text of the error that ended the last attempt. Set when the worker abandons or dead-letters a message.</summary>
    public const string LastError = "LastError";

    /// <summary>Type of the error that ended the last attempt.</summary>
    public const string LastErrorType = "LastErrorType";

    /// <summary>The execution that made the last attempt; its log says more.</summary>
    public const string LastExecution = "LastExecution";

    /// <summary>
    /// The trace that a message belongs to, as the Azure SDK's senders write it: the W3C traceparent under the SDK's own name, and under
    /// the names of the W3C Trace Context specification.
    /// </summary>
    public static IReadOnlyList<string> TraceContext { get; } = ["Diagnostic-Id", "traceparent", "tracestate"];
}
