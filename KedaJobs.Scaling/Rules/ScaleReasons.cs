namespace KedaJobs.Scaling.Rules;

/// <summary>Puts a decision into words.</summary>
internal static class ScaleReasons
{
    public static string Sentence(ScaleDecision decision)
    {
        var poll = decision.Poll;
        var limits = ReplicaLimits.Of(poll.Min, poll.Max);
        if (poll.Running < limits.Min)
        {
            return $"{poll.Running} running, {limits.Min} always kept (min): start {decision.Start}";
        }

        if (!decision.IsActive)
        {
            return $"{Inactive(poll)}: start none";
        }

        var start = decision.Start > 0 ? $"start {decision.Start}" : "start none";
        return $"{Wanted(decision, limits)}, {UnderWay(decision, limits)}{Binding(decision)}: {start}";
    }

    public static IEnumerable<string> Notes(ScaleDecision decision)
    {
        var poll = decision.Poll;
        if (!StrategyRules.Parse(poll.Strategy).IsKnown)
        {
            yield return $"KEDA knows no strategy '{poll.Strategy}' (only default, custom, accurate, eager), so it uses default";
        }
        else if (StrategyRules.InEffect(poll) != StrategyRules.Parse(poll.Strategy).Strategy)
        {
            yield return $"the percentage '{poll.Percentage}' is not a number as KEDA reads it, "
                + "so it uses the strategy default instead of custom";
        }

        if (!TriggerCombination.Parse(poll.Calculation).IsKnown)
        {
            yield return $"KEDA knows no calculation '{poll.Calculation}' (only max, min, avg, sum), so it uses max";
        }

        if (poll is { Min: { } min, Max: { } max } && min > max)
        {
            yield return $"min {min} is above max {max}: KEDA lowers it to {max}";
        }
        else if (poll is { Min: > 0, Max: not null })
        {
            yield return $"of max {poll.Max}, KEDA keeps {poll.Min} for min and leaves {poll.Max - poll.Min} to the triggers";
        }

        if (decision.IsActive && poll.Triggers.Any(trigger => trigger is { IsActive: true, Target: 0 }))
        {
            yield return "a target of 0 messages per execution wants no executions";
        }

        if (decision.IsError)
        {
            var failed = poll.Triggers.Count(trigger => trigger.Error);
            yield return $"{failed} of {Count(poll.Triggers.Count, "trigger")} could not be read and "
                + $"{(failed == 1 ? "is" : "are")} left out: "
                + $"ready is {decision.ReadyState} ({decision.ReadyReason})";
        }
    }

    private static string Inactive(ScalePoll poll)
    {
        var read = poll.Triggers.Where(trigger => !trigger.Error).ToList();
        return read switch
        {
            [] when poll.Triggers.Count > 0 => "no trigger could be read",
            [] => "no trigger",
            [{ Length: 0 } none] => $"no {none.Noun}s",
            [var only] => $"{Count(only.Length, only.Noun)}, not more than the activation count {only.Activation}",
            _ when read.All(trigger => trigger.Length == 0) =>
                read.Exists(trigger => trigger.CountsMessages) ? "no active messages" : $"no {read[0].Noun}s",
            _ => $"none of {read.Count} triggers is above its activation count",
        };
    }

    private static string Wanted(ScaleDecision decision, ReplicaLimits limits)
    {
        var poll = decision.Poll;
        var active = poll.Triggers.Where(trigger => trigger.IsActive).ToList();
        if (active.Count == 0)
        {
            return $"{Inactive(poll)}, so {decision.MaxScale} wanted";
        }

        var calculation = TriggerCombination.Parse(poll.Calculation).Calculation;
        var messagesOnly = active.TrueForAll(trigger => trigger.CountsMessages);
        if (active.Count > 1 && calculation is TriggerCalculation.Avg or TriggerCalculation.Sum)
        {
            var divisor = calculation is TriggerCalculation.Avg ? active.Count : 1;
            var capped = active.Sum(Uncapped) / divisor > limits.Max || active.Any(trigger => Uncapped(trigger) > limits.Max);
            return $"{(divisor == 1 ? "sum" : "mean")} of {active.Count} active triggers: "
                + $"{(messagesOnly ? Count(decision.QueueLength, active[0].Noun) : $"{decision.QueueLength}")} = "
                + $"{WithCap(decision, capped)}";
        }

        // The first with the chosen length: neither max nor min replaces a trigger by an equal one.
        var chosen = active.FirstOrDefault(trigger => GoNumber.CeilingToInt64(trigger.Length) == decision.QueueLength) ?? active[0];
        var isMin = calculation is TriggerCalculation.Min;
        var which = active.Count == 1 ? ""
            : messagesOnly ? $"{(isMin ? "shortest" : "longest")} of {active.Count} active queues: "
            : $"{(isMin ? "least" : "greatest")} of {active.Count} active triggers: ";
        return $"{which}{Count(decision.QueueLength, chosen.Noun)} / {chosen.Target} per execution = "
            + $"{WithCap(decision, Uncapped(chosen) > limits.Max)}";
    }

    private static string WithCap(ScaleDecision decision, bool capped) =>
        capped ? $"{decision.MaxScale} wanted (capped by max)" : $"{decision.MaxScale} wanted";

    private static double Uncapped(TriggerReading trigger) => trigger.Target == 0 ? 0 : (double)trigger.Length / trigger.Target;

    private static string UnderWay(ScaleDecision decision, ReplicaLimits limits)
    {
        var poll = decision.Poll;
        var running = poll.Running - limits.Min;
        var runningText = limits.Min > 0 ? $"{running} running beside the {limits.Min} kept" : $"{running} running";
        switch (StrategyRules.InEffect(poll))
        {
            case ScalingStrategy.Custom:
                return $"less {poll.Deduction ?? 0} deducted and {StrategyRules.Deducted(running, poll.Percentage)} for {runningText} x "
                    + $"{poll.Percentage} (custom)";
            case ScalingStrategy.Accurate when decision.MaxScale + running - poll.Pending > limits.Max:
                return $"{runningText}, {poll.Pending} pending, so only up to max {limits.Max} (accurate)";
            case ScalingStrategy.Accurate:
                return $"{poll.Pending} pending (accurate)";
            case ScalingStrategy.Eager:
                return $"{runningText}, {poll.Pending} pending, {Math.Max(0, limits.Max - running - poll.Pending)} of max "
                    + $"{limits.Max} free (eager)";
            default:
                return runningText;
        }
    }

    private static string Binding(ScaleDecision decision) =>
        decision.Start < decision.EffectiveMax ? $", not more than {Count(decision.Start, "message")}" : "";

    private static string Count(long number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
