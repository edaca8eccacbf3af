namespace KedaJobs.Scaling.Rules;

/// <summary>When a worker's messages are no longer in the count that KEDA reads.</summary>
public enum Completion
{
    /// <summary>After the work: peek-lock, completed at the end. A message counts until then.</summary>
    Late,

    /// <summary>
    /// As soon as it is received: receive-and-delete, or completed before the work. If the work then fails, the message is lost.
    /// </summary>
    Early,
}
