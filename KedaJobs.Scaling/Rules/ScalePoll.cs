namespace KedaJobs.Scaling.Rules;

/// <summary>Everything KEDA looks at when it decides, at one poll of one job, how many executions to start.</summary>
/// <remarks>Source: KEDA's ScaledJob (keda.sh/v1alpha1). Container Apps calls the limits minExecutions and maxExecutions.</remarks>
public sealed record ScalePoll
{
    /// <summary>
    /// Executions that are kept regardless of the triggers (<c>minReplicaCount</c>). At least 0; null: not declared, which KEDA reads as 0.
    /// </summary>
    public long? Min { get; init; }

    /// <summary>
    /// The maximum number of concurrent executions (<c>maxReplicaCount</c>). At least 0; null: not declared, which KEDA reads as 100. See
    /// <see cref="ReplicaLimits"/> for how KEDA combines it with <see cref="Min"/>.
    /// </summary>
    public long? Max { get; init; }

    /// <summary>Executions that have not finished, pending ones included. At least 0.</summary>
    public long Running { get; init; }

    /// <summary>
    /// Unfinished executions in which no replica has started to run. From 0 to <see cref="Running"/>, which is not enforced.
    /// </summary>
    public long Pending { get; init; }

    /// <summary>
    /// Name of the strategy as the user wrote it: default, custom, accurate or eager (case-sensitive). KEDA
    /// treats any other name, and null, as default.
    /// </summary>
    public string? Strategy { get; init; }

    /// <summary>
    /// How several triggers are combined (<c>multipleScalersCalculation</c>): max, min, avg or sum (case-sensitive). KEDA
    /// treats any other name, and null, as max.
    /// </summary>
    public string? Calculation { get; init; }

    /// <summary>
    /// Strategy custom: executions to subtract (<c>customScalingQueueLengthDeduction</c>). Null counts as 0. It may be negative.
    /// </summary>
    public long? Deduction { get; init; }

    /// <summary>
    /// Strategy custom: the fraction of the running executions to subtract (<c>customScalingRunningJobPercentage</c>), a number as Go's
    /// <c>strconv.ParseFloat</c> reads it ("0.5" is half). Anything else, and null, makes KEDA use the strategy default.
    /// </summary>
    public string? Percentage { get; init; }

    /// <summary>The reading of each trigger, in the declared order.</summary>
    public IReadOnlyList<TriggerReading> Triggers { get; init; } = [];
}
