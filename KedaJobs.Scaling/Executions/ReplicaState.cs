using System.Collections.Immutable;

namespace KedaJobs.Scaling.Executions;

/// <summary>The status of one attempt of a replica.</summary>
public enum ReplicaStatus
{
    /// <summary>It was asked to start.</summary>
    Starting,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>It exited with code 0.</summary>
    Succeeded,

    /// <summary>It exited with another code, or could not be started.</summary>
    Failed,
}

/// <summary>One attempt of a replica: a process, or a container.</summary>
/// <param name="Number">1 for the first attempt.</param>
public sealed record ReplicaAttempt(int Number)
{
    /// <summary>Where the attempt is.</summary>
    public ReplicaStatus Status { get; init; } = ReplicaStatus.Starting;

    /// <summary>When it started to run, or null.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended, or null.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Its exit code; null while it has not ended, and where it could not be started.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Why it could not be started, or null.</summary>
    public string? Error { get; init; }

    /// <summary>Whether it still starts or runs.</summary>
    public bool IsActive => Status is ReplicaStatus.Starting or ReplicaStatus.Running;
}

/// <summary>One replica of an execution with all its attempts.</summary>
/// <param name="Index">0 for the first replica.</param>
/// <param name="Attempts">At least one; the last is the current one.</param>
public sealed record ReplicaState(int Index, ImmutableArray<ReplicaAttempt> Attempts)
{
    /// <summary>The last attempt.</summary>
    public ReplicaAttempt Current => Attempts[^1];

    internal ReplicaState WithCurrent(ReplicaAttempt attempt) => this with { Attempts = Attempts.SetItem(Attempts.Length - 1, attempt) };
}
