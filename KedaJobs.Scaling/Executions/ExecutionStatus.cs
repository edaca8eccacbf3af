namespace KedaJobs.Scaling.Executions;

/// <summary>The status of an execution.</summary>
public enum ExecutionStatus
{
    /// <summary>No replica has started to run yet: KEDA calls the execution pending.</summary>
    Starting,

    /// <summary>
    /// At least one replica has started, and the execution has not ended. It stays so while its replicas are being stopped.
    /// </summary>
    Running,

    /// <summary>As many replicas as <see cref="ExecutionSettings.ReplicaCompletionCount"/> requires exited with code 0.</summary>
    Succeeded,

    /// <summary>Too many replicas failed for good.</summary>
    Failed,

    /// <summary>
    /// Stopped because it ran longer than <see cref="ExecutionSettings.ReplicaTimeout"/>. Container Apps shows it as failed.
    /// </summary>
    TimedOut,

    /// <summary>Stopped on request.</summary>
    Stopped,
}

/// <summary>What follows from a status.</summary>
public static class ExecutionStatusExtensions
{
    /// <summary>Whether the execution has ended: no replica is left and nothing more happens.</summary>
    /// <param name="status">The status.</param>
    /// <returns>True for succeeded, failed, timed out and stopped.</returns>
    public static bool IsFinished(this ExecutionStatus status) => status > ExecutionStatus.Running;

    /// <summary>The status as users read it.</summary>
    /// <param name="status">The status.</param>
    /// <returns>Starting, Running, Succeeded, Failed, Timed out or Stopped.</returns>
    public static string InPlainWords(this ExecutionStatus status) => status is ExecutionStatus.TimedOut ? "Timed out" : status.ToString();
}
