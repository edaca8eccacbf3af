using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Scaling.Simulation;

/// <summary>The result of a simulation.</summary>
public sealed record SimulationResult
{
    /// <summary>Messages that arrived.</summary>
    public required long Arrived { get; init; }

    /// <summary>Messages whose work was done and that left the queue for good.</summary>
    public required long Completed { get; init; }

    /// <summary>Messages that were delivered too often.</summary>
    public required long DeadLettered { get; init; }

    /// <summary>
    /// Messages that had left the queue before their work was done, and the work failed or its replica ended: they are lost.
    /// </summary>
    public required long Lost { get; init; }

    /// <summary>Messages that were still in the queue, or being handled, at the end: see <see cref="Ending"/>.</summary>
    public required long Left { get; init; }

    /// <summary>
    /// How often work was done to its end and could not be settled because the lock had lapsed: the
    /// message is delivered again, and handled again.
    /// </summary>
    public required long DoneInVain { get; init; }

    /// <summary>From arrival to the beginning of the first handling.</summary>
    public required DurationSketch Wait { get; init; }

    /// <summary>From arrival to completion, of completed messages.</summary>
    public required DurationSketch Total { get; init; }

    /// <summary>Executions that were started.</summary>
    public required long Executions { get; init; }

    /// <summary>Of the executions that ended, those that never got a message.</summary>
    public required long ExecutionsWithoutWork { get; init; }

    /// <summary>Executions that were stopped because they ran longer than the replica timeout.</summary>
    public required long TimedOut { get; init; }

    /// <summary>Executions that failed for another reason.</summary>
    public required long Failed { get; init; }

    /// <summary>The maximum number of unfinished executions.</summary>
    public required int MostExecutions { get; init; }

    /// <summary>How often KEDA polled.</summary>
    public required long Polls { get; init; }

    /// <summary>
    /// For how long how many replicas were running: element n is the time with n of them. Costs can be calculated from it.
    /// </summary>
    public required IReadOnlyList<TimeSpan> TimeByReplicas { get; init; }

    /// <summary>From the first arrival to the last message's end; zero without messages.</summary>
    public required TimeSpan Makespan { get; init; }

    /// <summary>From the beginning to the end of the simulation.</summary>
    public required TimeSpan Simulated { get; init; }

    /// <summary>Why messages are left, in one sentence; null if none are.</summary>
    public required string? Ending { get; init; }

    /// <summary>The course of the simulation, in at most 512 intervals of equal length.</summary>
    public required IReadOnlyList<SeriesPoint> Series { get; init; }

    /// <summary>What each replica had.</summary>
    public required ResourcesDefinition Resources { get; init; }

    /// <summary>The time of all replicas together, from their container's start to its end.</summary>
    public TimeSpan ReplicaTime => TimeSpan.FromTicks(TimeByReplicas.Select((time, replicas) => time.Ticks * replicas).Sum());

    /// <summary>vCPU-seconds that the replicas had.</summary>
    public double VCpuSeconds => ReplicaTime.TotalSeconds * (double)Resources.CpuCores;

    /// <summary>GiB-seconds that the replicas had.</summary>
    public double GiBSeconds => ReplicaTime.TotalSeconds * (double)Resources.MemoryGi;
}
