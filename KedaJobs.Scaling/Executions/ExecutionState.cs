using System.Collections.Immutable;

namespace KedaJobs.Scaling.Executions;

/// <summary>An execution of a job, as a value. <see cref="ExecutionLifeCycle"/> makes it and every later version of it.</summary>
public sealed record ExecutionState
{
    /// <summary>The execution's name, see <see cref="ExecutionName"/>.</summary>
    public required string Name { get; init; }

    /// <summary>What the job declares about it.</summary>
    public required ExecutionSettings Settings { get; init; }

    /// <summary>The status of the execution.</summary>
    public ExecutionStatus Status { get; init; } = ExecutionStatus.Starting;

    /// <summary>When it was created. The replica timeout counts from here.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its first replica started to run, or null.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended, or null.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Its replicas, by index.</summary>
    public ImmutableArray<ReplicaState> Replicas { get; init; } = [];

    /// <summary>
    /// When <see cref="DeadlineReached"/> is due, or null. It changes from step to step: the runner of the
    /// execution rearms its one timer after each step.
    /// </summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>The status in which it ends once its last replica has ended, or null while it is undecided.</summary>
    public ExecutionStatus? Ending { get; init; }

    /// <summary>Why it did not succeed, in a sentence; null while it runs and if it succeeded.</summary>
    public string? Reason { get; init; }

    /// <summary>The replicas that start or run.</summary>
    public IEnumerable<ReplicaState> ActiveReplicas => Replicas.Where(replica => replica.Current.IsActive);

    /// <summary>The highest attempt that any replica has reached; 1 at first.</summary>
    public int Attempt => Replicas.Max(replica => replica.Current.Number);

    /// <summary>
    /// 0 for an execution that succeeded; otherwise the exit code of the attempt that failed last, or of the one that ended last if none
    /// failed. Null while no attempt has ended, and where none could be started.
    /// </summary>
    public int? ExitCode => Status is ExecutionStatus.Succeeded ? 0 : Replicas
        .SelectMany(replica => replica.Attempts)
        .Where(attempt => attempt.ExitCode is not null)
        .OrderBy(attempt => attempt.Status is ReplicaStatus.Failed)
        .ThenBy(attempt => attempt.FinishedAt)
        .LastOrDefault()?.ExitCode;
}
