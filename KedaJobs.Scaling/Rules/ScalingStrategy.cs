namespace KedaJobs.Scaling.Rules;

/// <summary>How KEDA takes executions in progress into account (<c>scalingStrategy.strategy</c>).</summary>
public enum ScalingStrategy
{
    /// <summary>
    /// Wanted minus running. Fits queues that count a message until its work is done (peek-lock, complete at the end). KEDA's default, and
    /// what users' reports say Container Apps uses.
    /// </summary>
    Default,

    /// <summary>
    /// Wanted minus a fixed number and minus a fraction of the running executions, at most the maximum. The running executions do not count
    /// against the maximum: together they can exceed it.
    /// </summary>
    Custom,

    /// <summary>
    /// Wanted minus pending, but no more than the maximum minus the running executions. Fits queues whose messages leave the count as soon
    /// as they are picked up (receive-and-delete).
    /// </summary>
    Accurate,

    /// <summary>
    /// Wanted, with nothing subtracted, but no more than the maximum minus the running and, once more, the pending executions. Each poll
    /// with messages therefore starts as many again, until the maximum is reached.
    /// </summary>
    Eager,
}
