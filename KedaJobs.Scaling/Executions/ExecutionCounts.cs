namespace KedaJobs.Scaling.Executions;

/// <summary>The two counts of executions that a poll needs.</summary>
/// <param name="Running">Executions that have not ended, pending ones included.</param>
/// <param name="Pending">Of these, the ones in which no replica has started to run.</param>
public readonly record struct ExecutionCounts(int Running, int Pending)
{
    /// <summary>Counts executions.</summary>
    /// <remarks>Source: KEDA, <c>scale_jobs.go</c> (getRunningJobCount, getPendingJobCount without pendingPodConditions).</remarks>
    /// <param name="executions">Executions of one job; finished ones do not count.</param>
    /// <returns>The counts.</returns>
    public static ExecutionCounts Of(IEnumerable<ExecutionState> executions)
    {
        ArgumentNullException.ThrowIfNull(executions);
        var (running, pending) = (0, 0);
        foreach (var execution in executions)
        {
            if (!execution.Status.IsFinished())
            {
                running++;
                pending += execution.StartedAt is null ? 1 : 0;
            }
        }

        return new(running, pending);
    }
}
