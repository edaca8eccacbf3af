using System.Collections.Immutable;
using KedaJobs.Scaling.Executions;

namespace KedaJobs.Hosting;

/// <summary>A snapshot of one local execution of a job. Immutable.</summary>
public sealed record JobExecution
{
    /// <summary>
    /// The name of the resource that shows the execution, for instance <c>worker-01</c>; null if more executions are running than there are
    /// such resources. Resources are reused for later executions.
    /// </summary>
    public string? ResourceName { get; init; }

    /// <summary>Its replicas, attempts and times.</summary>
    public required ExecutionState State { get; init; }

    /// <summary>The ids of the processes that are currently running for the execution.</summary>
    public ImmutableArray<int> ProcessIds { get; init; } = [];

    /// <summary>The name Container Apps would give it: the job's name, '-', seven lowercase letters or digits.</summary>
    public string Name => State.Name;

    /// <summary>Its status.</summary>
    public ExecutionStatus Status => State.Status;

    /// <summary>
    /// The exit code that decided the outcome: 0 if the execution succeeded; 128 plus the signal's number if a signal ended a replica, as
    /// shells report it; null before the execution ends, and if no replica could be started.
    /// </summary>
    public int? ExitCode => State.ExitCode;

    /// <summary>Whether it has ended.</summary>
    public bool IsFinished => State.Status.IsFinished();
}
