namespace KedaJobs.Scaling.Rules;

/// <summary>The minimum and maximum that KEDA uses, which are not always the declared ones.</summary>
/// <param name="Min">Executions that are always kept.</param>
/// <param name="Max">The maximum number of executions for the triggers, in addition to the ones that are always kept.</param>
public sealed record ReplicaLimits(long Min, long Max)
{
    /// <summary>KEDA's maxReplicaCount where none is declared.</summary>
    public const long DefaultMax = 100;

    /// <summary>Reads the declared limits as KEDA does.</summary>
    /// <remarks>
    /// Source: KEDA, <c>scaledjob_types.go</c> (MinReplicaCount, MaxReplicaCount). A declared maximum includes the kept executions,
    /// so the minimum is subtracted from it; an undeclared one is 100 in addition to them. A minimum above the maximum is lowered to
    /// it, and the maximum then stays as it is.
    /// </remarks>
    /// <param name="min">minReplicaCount, or null if none is declared.</param>
    /// <param name="max">maxReplicaCount, or null if none is declared.</param>
    /// <returns>The limits in effect.</returns>
    public static ReplicaLimits Of(long? min, long? max) => (min ?? 0, max) switch
    {
        (var kept, null) => new(kept, DefaultMax),
        (var kept, { } declared) when kept > declared => new(declared, declared),
        (var kept, { } declared) => new(kept, declared - kept),
    };
}
