namespace KedaJobs.Jobs.Settling;

/// <summary>The outcome of a message.</summary>
/// <remarks>
/// A class and not an enumeration: the framework's asynchronous code is precompiled for references, and would have to be
/// compiled at start for another value type.
/// </remarks>
internal sealed class JobOutcome
{
    /// <summary>Handled, its result sent, and gone from the queue.</summary>
    public static readonly JobOutcome Completed = new(nameof(Completed));

    /// <summary>
    /// The attempt failed; the message waits for the next one, is back in the queue, or was its last attempt and is dead-lettered.
    /// </summary>
    public static readonly JobOutcome Retried = new(nameof(Retried));

    /// <summary>Can never succeed; in the dead-letter queue.</summary>
    public static readonly JobOutcome DeadLettered = new(nameof(DeadLettered));

    /// <summary>Returned unfinished because the execution ended.</summary>
    public static readonly JobOutcome GivenBack = new(nameof(GivenBack));

    /// <summary>Its lock was lost: another receiver has it or will have it.</summary>
    public static readonly JobOutcome LockLost = new(nameof(LockLost));

    private readonly string _name;

    private JobOutcome(string name) => _name = name;

    public override string ToString() => _name;
}
