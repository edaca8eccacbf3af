using System.Collections.Immutable;
using KedaJobs.Scaling.Executions;

namespace KedaJobs.Hosting;

/// <summary>One local execution of an event job, as it was at one moment. Immutable.</summary>
public sealed record JobExecution
{
    /// <summary>
    /// The name of the resource that shows it, for instance <c>worker-01</c>; null while more executions run than there are such resources.
    /// Resources are reused for later executions.
    /// </summary>
    public string? ResourceName { get; init; }

    /// <summary>Its replicas, attempts and times.</summary>
    public required ExecutionState State { get; init; }

    /// <summary>The ids of the processes that run for it now.</summary>
    public ImmutableArray<int> ProcessIds { get; init; } = [];

    /// <summary>The name Container Apps would give it: the job's name, '-', seven lowercase letters or digits.</summary>
    public string Name => State.Name;

    /// <summary>Its status.</summary>
    public ExecutionStatus Status => State.Status;

    /// <summary>
    /// The exit code that decided: 0 if it succeeded. 128 plus the signal's number where a signal ended a replica, as shells report it.
    /// Null before it ends, and when no replica could be started.
    /// </summary>
    public int? ExitCode => State.ExitCode;

    /// <summary>Whether it has ended.</summary>
    public bool IsFinished => State.Status.IsFinished();
}
