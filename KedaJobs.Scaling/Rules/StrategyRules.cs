namespace KedaJobs.Scaling.Rules;

/// <summary>The input of a strategy.</summary>
/// <param name="MaxScale">Wanted executions.</param>
/// <param name="Running">Unfinished executions, without the ones that are always kept.</param>
/// <param name="Pending">Unfinished executions in which no replica runs yet.</param>
/// <param name="MaxReplicas">The maximum number of executions, without the ones that are always kept.</param>
/// <param name="ScaleTo">Combined messages.</param>
public readonly record struct StrategyInput(long MaxScale, long Running, long Pending, long MaxReplicas, long ScaleTo);

/// <summary>The result of a strategy: as many executions start as the smaller of the two, and none below 1.</summary>
/// <param name="EffectiveMax">The maximum number of executions to start. It can be negative.</param>
/// <param name="ScaleTo">The executions to start if there were no such limit.</param>
public readonly record struct StrategyOutput(long EffectiveMax, long ScaleTo);

/// <summary>KEDA's scaling strategies.</summary>
/// <remarks>
/// Source: KEDA, <c>scale_jobs.go</c> (NewScalingStrategy, GetEffectiveMaxScale). Integer arithmetic is
/// that of int64 and wraps around, as there.
/// </remarks>
public static class StrategyRules
{
    /// <summary>Reads the name of a strategy as KEDA does: unknown names mean default.</summary>
    /// <param name="name">The name as written; null: not declared.</param>
    /// <returns>The strategy, and whether KEDA knows the name (an empty one is known: it means the default).</returns>
    public static (ScalingStrategy Strategy, bool IsKnown) Parse(string? name) => name switch
    {
        "custom" => (ScalingStrategy.Custom, true),
        "accurate" => (ScalingStrategy.Accurate, true),
        "eager" => (ScalingStrategy.Eager, true),
        "default" or "" or null => (ScalingStrategy.Default, true),
        _ => (ScalingStrategy.Default, false),
    };

    /// <summary>The strategy KEDA applies to a poll: custom only if its percentage is a number.</summary>
    /// <param name="poll">The poll.</param>
    /// <returns>The strategy in effect.</returns>
    public static ScalingStrategy InEffect(ScalePoll poll) => Parse(poll.Strategy).Strategy switch
    {
        ScalingStrategy.Custom when !GoNumber.TryParseFloat(poll.Percentage, out _) => ScalingStrategy.Default,
        var strategy => strategy,
    };

    /// <summary>Applies the strategy of a poll.</summary>
    /// <param name="poll">The poll, for its strategy and that strategy's settings.</param>
    /// <param name="input">The wanted executions and those in progress.</param>
    /// <returns>KEDA's result.</returns>
    public static StrategyOutput Apply(ScalePoll poll, StrategyInput input) => InEffect(poll) switch
    {
        ScalingStrategy.Custom => Custom(input, poll.Deduction ?? 0, Deducted(input.Running, poll.Percentage)),
        ScalingStrategy.Accurate => Accurate(input),
        ScalingStrategy.Eager => Eager(input),
        _ => Default(input),
    };

    /// <summary>
    /// The executions that strategy custom subtracts for the running ones: the product in float64, truncated toward zero.
    /// </summary>
    /// <param name="running">Unfinished executions, without the ones that are always kept.</param>
    /// <param name="percentage">The fraction as written; not a number counts as 0.</param>
    /// <returns>Executions.</returns>
    public static long Deducted(long running, string? percentage) =>
        GoNumber.TryParseFloat(percentage, out var fraction) ? GoNumber.TruncateToInt64(running * fraction) : 0;

    private static StrategyOutput Default(StrategyInput input) => new(input.MaxScale - input.Running, input.ScaleTo);

    private static StrategyOutput Custom(StrategyInput input, long deduction, long deducted) =>
        new(Math.Min(input.MaxScale - deduction - deducted, input.MaxReplicas), input.ScaleTo);

    private static StrategyOutput Accurate(StrategyInput input) => new(
        input.MaxScale + input.Running - input.Pending > input.MaxReplicas
            ? input.MaxReplicas - input.Running
            : input.MaxScale - input.Pending,
        input.ScaleTo);

    private static StrategyOutput Eager(StrategyInput input) =>
        new(Math.Min(input.MaxReplicas - input.Running - input.Pending, input.MaxScale), input.MaxReplicas);
}
