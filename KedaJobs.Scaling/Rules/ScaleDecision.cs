namespace KedaJobs.Scaling.Rules;

/// <summary>KEDA's decision at one poll.</summary>
public sealed record ScaleDecision
{
    /// <summary>The poll that was decided.</summary>
    public required ScalePoll Poll { get; init; }

    /// <summary>Whether any trigger is active, or executions are kept by a minimum.</summary>
    public required bool IsActive { get; init; }

    /// <summary>Whether any trigger could not be read.</summary>
    public required bool IsError { get; init; }

    /// <summary>Combined messages of the active triggers, rounded up. At least 0.</summary>
    public required long QueueLength { get; init; }

    /// <summary>Wanted executions, from 0 to the maximum in effect (<see cref="ReplicaLimits.Max"/>).</summary>
    public required long MaxScale { get; init; }

    /// <summary>The maximum number of executions that the strategy allows to start. At least 0.</summary>
    public required long EffectiveMax { get; init; }

    /// <summary>Executions to start now. At least 0. Running executions are never stopped by a decision.</summary>
    public required long Start { get; init; }

    /// <summary>KEDA's Ready condition.</summary>
    public ReadyState ReadyState => (IsError, IsActive) switch
    {
        (false, _) => ReadyState.True,
        (true, true) => ReadyState.Unknown,
        (true, false) => ReadyState.False,
    };

    /// <summary>The reason that KEDA gives for its Ready condition: ScaledJobReady, PartialTriggerError or TriggerError.</summary>
    public string ReadyReason => ReadyState switch
    {
        ReadyState.True => "ScaledJobReady",
        ReadyState.Unknown => "PartialTriggerError",
        _ => "TriggerError",
    };

    /// <summary>
    /// Why this many, in one sentence, for instance <c>12 active messages / 5 per execution = 3 wanted, 2 running: start 1</c>.
    /// </summary>
    public string Reason => ScaleReasons.Sentence(this);

    /// <summary>
    /// <see cref="Reason"/>, then one sentence for each setting that KEDA interprets differently than
    /// it was written, and for failed triggers.
    /// </summary>
    public IReadOnlyList<string> Reasons => [Reason, .. ScaleReasons.Notes(this)];
}
