namespace KedaJobs.Jobs;

/// <summary>Thrown by a handler if a message can never succeed: the message is dead-lettered now, without another attempt.</summary>
/// <param name="reason">
/// The kind of problem in one word. It becomes the dead-letter reason. At most 4,000 characters; longer text is cut.
/// </param>
/// <param name="description">What is wrong. It becomes the dead-letter description. At most 4,000 characters; longer text is cut.</param>
public sealed class JobRejectedException(string reason, string description) : Exception(description)
{
    /// <summary>The kind of problem in one word.</summary>
    public string Reason { get; } = reason;
}
