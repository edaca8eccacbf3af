using System.Collections.Immutable;

namespace KedaJobs.Scaling.Executions;

/// <summary>The executions of a job that have ended, as far as they are kept.</summary>
/// <remarks>Source: the Container Apps documentation of jobs: the last 100 executions are kept, regardless of their outcome.</remarks>
public sealed record ExecutionHistory
{
    /// <summary>How many Container Apps keeps: 100.</summary>
    public const int DefaultLimit = 100;

    /// <summary>An empty history of <see cref="DefaultLimit"/>.</summary>
    public static ExecutionHistory Empty { get; } = new();

    /// <summary>How many executions are kept. At least 1.</summary>
    public int Limit { get; init; } = DefaultLimit;

    /// <summary>The kept executions, the one that ended first first.</summary>
    public ImmutableList<ExecutionState> Executions { get; private init; } = [];

    /// <summary>Adds an execution; beyond the limit, the one that ended first is removed.</summary>
    /// <param name="execution">An execution that has ended.</param>
    /// <returns>The new history.</returns>
    /// <exception cref="ArgumentException">The execution has not ended.</exception>
    public ExecutionHistory Add(ExecutionState execution)
    {
        ArgumentNullException.ThrowIfNull(execution);
        if (execution.FinishedAt is not { } finishedAt)
        {
            throw new ArgumentException($"Execution {execution.Name} has not ended.", nameof(execution));
        }

        // Reports can arrive out of order by a little: look from the end.
        var position = Executions.Count;
        while (position > 0 && Executions[position - 1].FinishedAt > finishedAt)
        {
            position--;
        }

        var executions = Executions.Insert(position, execution);
        return this with { Executions = executions.RemoveRange(0, Math.Max(0, executions.Count - Limit)) };
    }
}
