namespace KedaJobs.Scaling.Executions;

/// <summary>What a job declares about each of its executions.</summary>
/// <remarks>Source: Microsoft.App/jobs, <c>configuration</c> and <c>eventTriggerConfig</c>. Defaults are its defaults.</remarks>
public sealed record ExecutionSettings
{
    /// <summary>What Container Apps leaves between SIGTERM and SIGKILL: 30 seconds.</summary>
    public static TimeSpan DefaultGracePeriod { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Replicas that run in parallel. At least 1.</summary>
    public int Parallelism { get; init; } = 1;

    /// <summary>
    /// Replicas that must exit with code 0 for the execution to succeed. At least 1. Where it exceeds <see cref="Parallelism"/>, further
    /// replicas start as others succeed, as in a Kubernetes Job.
    /// </summary>
    public int ReplicaCompletionCount { get; init; } = 1;

    /// <summary>How many times a failed replica is restarted. At least 0.</summary>
    public int ReplicaRetryLimit { get; init; }

    /// <summary>How long the execution may take, from its creation, retries included. Above zero.</summary>
    public required TimeSpan ReplicaTimeout { get; init; }

    /// <summary>How long a replica has between SIGTERM and SIGKILL. At least zero.</summary>
    public TimeSpan GracePeriod { get; init; } = DefaultGracePeriod;

    /// <summary>Rejects values that are out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Parallelism, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReplicaCompletionCount, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(ReplicaRetryLimit);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ReplicaTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(GracePeriod, TimeSpan.Zero);
    }
}
