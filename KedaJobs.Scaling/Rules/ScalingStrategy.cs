namespace KedaJobs.Scaling.Rules;

/// <summary>How KEDA takes what is already under way into account (<c>scalingStrategy.strategy</c>).</summary>
public enum ScalingStrategy
{
    /// <summary>
    /// Wanted less running. Fits queues that count a message until its work is done (peek-lock, complete at the end). KEDA's default, and what
    /// users' reports say Container Apps uses.
    /// </summary>
    Default,

    /// <summary>Wanted less a fixed number and less a fraction of the running executions.</summary>
    Custom,

    /// <summary>Wanted less pending. Fits queues whose messages leave the count as soon as they are picked up (receive-and-delete).</summary>
    Accurate,

    /// <summary>All free places are filled as soon as anything is wanted.</summary>
    Eager,
}
