namespace KedaJobs.Scaling.Rules;

/// <summary>The combined reading of all triggers of a poll.</summary>
/// <param name="IsActive">Whether any trigger contributed, or executions are kept by a minimum.</param>
/// <param name="QueueLength">Combined messages, rounded up.</param>
/// <param name="MaxScale">Combined wanted executions, at most the maximum, rounded up.</param>
public sealed record TriggerCombination(bool IsActive, long QueueLength, long MaxScale)
{
    /// <summary>Reads the name of a calculation as KEDA does: unknown names mean max.</summary>
    /// <remarks>Source: KEDA, <c>metrics.go</c> (IsScaledJobActive).</remarks>
    /// <param name="name">The name as written; null: not declared.</param>
    /// <returns>The calculation KEDA uses, and whether it knew the name (an empty one is known: it means the default).</returns>
    public static (TriggerCalculation Calculation, bool IsKnown) Parse(string? name) => name switch
    {
        "min" => (TriggerCalculation.Min, true),
        "avg" => (TriggerCalculation.Avg, true),
        "sum" => (TriggerCalculation.Sum, true),
        "max" or "" or null => (TriggerCalculation.Max, true),
        _ => (TriggerCalculation.Max, false),
    };

    /// <summary>The executions one trigger wants: its length divided by its target, not yet rounded, at most the maximum.</summary>
    /// <remarks>
    /// Source: KEDA, <c>metrics.go</c> (CalculateQueueLengthAndMaxValue): a division of float64; a target of 0 wants none.
    /// </remarks>
    /// <param name="trigger">A trigger that was read.</param>
    /// <param name="limits">The limits in effect.</param>
    /// <returns>A number from 0 to the maximum.</returns>
    public static double Wanted(TriggerReading trigger, ReplicaLimits limits) =>
        trigger.Target == 0 ? 0 : Math.Min((double)trigger.Length / trigger.Target, limits.Max);

    /// <summary>Combines the active triggers of a poll.</summary>
    /// <remarks>
    /// Source: KEDA, <c>metrics.go</c> (IsScaledJobActive). Lengths are added and compared as float64, as there: beyond 2^53 messages they
    /// are no longer exact. With max, a queue counts only if it is longer than the longest so far, starting at 0; with min, a shortest
    /// length of 0 counts as none found yet.
    /// </remarks>
    /// <param name="triggers">What each trigger said.</param>
    /// <param name="calculation">How they are combined.</param>
    /// <param name="limits">The limits in effect.</param>
    /// <returns>The combination; without an active trigger and without a minimum it is inactive and zero.</returns>
    public static TriggerCombination Of(IReadOnlyList<TriggerReading> triggers, TriggerCalculation calculation, ReplicaLimits limits)
    {
        var (count, length, wanted) = calculation switch
        {
            TriggerCalculation.Min => Choose(triggers, limits, (candidate, best) => best == 0 || candidate < best),
            TriggerCalculation.Avg => Mean(Total(triggers, limits)),
            TriggerCalculation.Sum => Total(triggers, limits),
            _ => Choose(triggers, limits, (candidate, best) => candidate > best),
        };
        return new(
            count > 0 || limits.Min > 0,
            GoNumber.CeilingToInt64(length),
            GoNumber.CeilingToInt64(Math.Min(wanted, limits.Max)));
    }

    private static (int Count, double Length, double Wanted) Choose(
        IReadOnlyList<TriggerReading> triggers, ReplicaLimits limits, Func<double, double, bool> isBetter)
    {
        var (count, length, wanted) = (0, 0d, 0d);
        foreach (var trigger in triggers)
        {
            if (trigger.IsActive && isBetter(trigger.Length, length))
            {
                (count, length, wanted) = (1, trigger.Length, Wanted(trigger, limits));
            }
        }

        return (count, length, wanted);
    }

    private static (int Count, double Length, double Wanted) Total(IReadOnlyList<TriggerReading> triggers, ReplicaLimits limits)
    {
        var (count, length, wanted) = (0, 0d, 0d);
        foreach (var trigger in triggers)
        {
            if (trigger.IsActive)
            {
                (count, length, wanted) = (count + 1, length + trigger.Length, wanted + Wanted(trigger, limits));
            }
        }

        return (count, length, wanted);
    }

    private static (int Count, double Length, double Wanted) Mean((int Count, double Length, double Wanted) total) =>
        total.Count == 0 ? total : (total.Count, total.Length / total.Count, total.Wanted / total.Count);
}
