namespace KedaJobs.Scaling.Rules;

/// <summary>How KEDA combines several triggers of one job (<c>multipleScalersCalculation</c>).</summary>
public enum TriggerCalculation
{
    /// <summary>The trigger with the longest queue counts. KEDA's default.</summary>
    Max,

    /// <summary>The trigger with the shortest queue counts.</summary>
    Min,

    /// <summary>The means of the queue lengths and of the wanted executions count.</summary>
    Avg,

    /// <summary>The sums of the queue lengths and of the wanted executions count.</summary>
    Sum,
}
