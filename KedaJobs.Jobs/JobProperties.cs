namespace KedaJobs.Jobs;

/// <summary>The application properties that the library reads and writes on messages.</summary>
public static class JobProperties
{
    /// <summary>
    /// The job's id (text) if it isn't the message's <c>MessageId</c>. A copy of a message that goes to a queue with duplicate detection
    /// needs a new <c>MessageId</c>, because the queue would drop it otherwise.
    /// </summary>
    public const string JobId = "JobId";

    /// <summary>
    /// How many attempts failed before the message was last enqueued (int). Set on the copy that waits for the next attempt.
    /// </summary>
    public const string Attempts = "Attempts";

    /// <summary>
    /// When the message entered the queue for the first time (timestamp, UTC). Set on the copy that waits for the next attempt.
    /// </summary>
    public const string FirstEnqueuedTime = "FirstEnqueuedTime";

    /// <summary>The text of the error that ended the last attempt (text, at most 4,000 characters).</summary>
    public const string LastError = "LastError";

    /// <summary>The .NET type of the error that ended the last attempt (text).</summary>
    public const string LastErrorType = "LastErrorType";

    /// <summary>The execution that made the last attempt (text). Its log has the details.</summary>
    public const string LastExecution = "LastExecution";
}
