namespace KedaJobs.Worker;

/// <summary>Which execution this process is, as Container Apps and the local KEDA tell it by environment variables.</summary>
/// <param name="Job">CONTAINER_APP_JOB_NAME.</param>
/// <param name="Execution">CONTAINER_APP_JOB_EXECUTION_NAME.</param>
/// <param name="Replica">CONTAINER_APP_REPLICA_NAME.</param>
internal sealed record ExecutionIdentity(string Job, string Execution, string Replica)
{
    /// <summary>Started by hand, a process is named after what it is.</summary>
    public static ExecutionIdentity From(IConfiguration configuration, IHostEnvironment environment)
    {
        var job = configuration["CONTAINER_APP_JOB_NAME"] ?? environment.ApplicationName;
        var execution = configuration["CONTAINER_APP_JOB_EXECUTION_NAME"] ?? $"{job}-{Environment.ProcessId}";
        return new ExecutionIdentity(job, execution, configuration["CONTAINER_APP_REPLICA_NAME"] ?? execution);
    }
}
