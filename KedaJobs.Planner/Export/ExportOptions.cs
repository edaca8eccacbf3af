using KedaJobs.Scaling.Rules;

namespace KedaJobs.Planner.Export;

/// <summary>What a definition does not contain, but the caller can give.</summary>
/// <param name="Image">The container image instead of the definition's hint.</param>
internal sealed record ExportOptions(string? Image = null)
{
    /// <summary>KEDA's scaling strategy. Container Apps has no setting for it.</summary>
    public ScalingStrategy Strategy { get; init; } = ScalingStrategy.Default;

    /// <summary>Of strategy custom: the number to subtract from the queue's length.</summary>
    public int? Deduction { get; init; }

    /// <summary>Of strategy custom: the fraction of the running executions to subtract, for instance 0.5.</summary>
    public decimal? Percentage { get; init; }

    /// <summary>When the worker's messages leave the queue, if it is known.</summary>
    public Completion? Completion { get; init; }
}
