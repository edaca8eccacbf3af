namespace KedaJobs.Scaling.Rules;

/// <summary>Whether a strategy fits the way a worker completes its messages.</summary>
public static class StrategyFit
{
    /// <summary>Names the strategy that does not fit.</summary>
    /// <remarks>
    /// Source: KEDA, <c>scale_jobs.go</c>, and its documentation of scaledjobs. Default subtracts all unfinished executions, which is right
    /// if their messages still count; accurate subtracts only the pending ones, which is right if a running execution's messages no longer
    /// count; eager subtracts none, and only the maximum limits it.
    /// </remarks>
    /// <param name="strategy">The strategy in effect, see <see cref="StrategyRules.InEffect"/>.</param>
    /// <param name="completion">When messages leave the count.</param>
    /// <returns>
    /// What happens and what to choose instead, in one sentence; null if they fit, and for custom, which depends on its numbers.
    /// </returns>
    public static string? Problem(ScalingStrategy strategy, Completion completion) => (strategy, completion) switch
    {
        (ScalingStrategy.Accurate, Completion.Late) =>
            "strategy accurate does not fit messages that are completed after the work: "
            + "they still count while running executions handle them, "
            + "so every poll starts executions for them again, which find nothing; "
            + "use default, or complete messages when they are received",
        (ScalingStrategy.Eager, Completion.Late) =>
            "strategy eager does not fit messages that are completed after the work: "
            + "they still count while running executions handle them, "
            + "so every poll starts executions for them again until the maximum is reached, and these find nothing; use default",
        (ScalingStrategy.Default, Completion.Early) =>
            "strategy default does not fit messages that leave the queue when they are received: "
            + "running executions are subtracted from the count although their messages are no longer in it, "
            + "so new messages wait for running executions to end; "
            + "use accurate, or complete messages after the work",
        _ => null,
    };
}
