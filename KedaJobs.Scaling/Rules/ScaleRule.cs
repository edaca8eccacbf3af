namespace KedaJobs.Scaling.Rules;

/// <summary>KEDA's rule for jobs: how many executions start at a poll.</summary>
public static class ScaleRule
{
    /// <summary>The default polling interval of KEDA and Container Apps: 30 seconds.</summary>
    public static TimeSpan DefaultPollingInterval { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Decides a poll exactly as KEDA does, including its fallbacks.</summary>
    /// <remarks>
    /// Source: KEDA, <c>scale_handler.go</c> (getScaledJobState), <c>metrics.go</c> and <c>scale_jobs.go</c> (getScalingDecision,
    /// createJobs). If fewer executions than the minimum are running, exactly the missing ones start, and the strategy is not used.
    /// Otherwise the strategy decides; a negative result counts as 0.
    /// </remarks>
    /// <param name="poll">What KEDA looks at. Its counts, limits, lengths and targets are at least 0.</param>
    /// <returns>The decision.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number that counts something is negative.</exception>
    public static ScaleDecision Decide(ScalePoll poll)
    {
        ArgumentNullException.ThrowIfNull(poll);
        Require(poll.Min ?? 0, nameof(poll.Min));
        Require(poll.Max ?? 0, nameof(poll.Max));
        Require(poll.Running, nameof(poll.Running));
        Require(poll.Pending, nameof(poll.Pending));
        foreach (var trigger in poll.Triggers)
        {
            Require(trigger.Length, nameof(trigger.Length));
            Require(trigger.Target, nameof(trigger.Target));
        }

        var limits = ReplicaLimits.Of(poll.Min, poll.Max);
        var combined = TriggerCombination.Of(poll.Triggers, TriggerCombination.Parse(poll.Calculation).Calculation, limits);
        var missing = limits.Min - poll.Running;
        var answer = missing > 0
            ? new StrategyOutput(missing, missing)
            : StrategyRules.Apply(poll, new(combined.MaxScale, -missing, poll.Pending, limits.Max, combined.QueueLength));
        var effectiveMax = Math.Max(0, answer.EffectiveMax);
        return new()
        {
            Poll = poll,
            IsActive = combined.IsActive,
            IsError = poll.Triggers.Any(trigger => trigger.Error),
            QueueLength = combined.QueueLength,
            MaxScale = combined.MaxScale,
            EffectiveMax = effectiveMax,
            Start = combined.IsActive ? Math.Min(answer.ScaleTo, effectiveMax) : 0,
        };
    }

    private static void Require(long count, string name) => ArgumentOutOfRangeException.ThrowIfNegative(count, name);
}
