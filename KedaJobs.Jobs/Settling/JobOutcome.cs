namespace KedaJobs.Jobs.Settling;

/// <summary>What became of a message.</summary>
internal enum JobOutcome
{
    /// <summary>Handled, its result sent, and gone from the queue.</summary>
    Completed,

    /// <summary>The attempt failed; the message waits for the next one, is back in the queue, or was its last attempt and is dead-lettered.</summary>
    Retried,

    /// <summary>Can never succeed; in the dead-letter queue.</summary>
    DeadLettered,

    /// <summary>Given back unfinished because the execution ended.</summary>
    GivenBack,

    /// <summary>Its lock was lost: somebody else has it or will have it.</summary>
    LockLost,
}
