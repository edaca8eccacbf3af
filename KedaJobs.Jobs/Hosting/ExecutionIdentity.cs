using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace KedaJobs.Jobs.Hosting;

/// <summary>Which execution this process is, as Container Apps and the local KEDA say in environment variables.</summary>
/// <param name="Job">CONTAINER_APP_JOB_NAME.</param>
/// <param name="Execution">CONTAINER_APP_JOB_EXECUTION_NAME.</param>
/// <param name="Replica">CONTAINER_APP_REPLICA_NAME.</param>
internal sealed record ExecutionIdentity(string Job, string Execution, string Replica)
{
    /// <summary>A process that was started by hand is named after its program and its process id.</summary>
    public static ExecutionIdentity From(IConfiguration configuration, IHostEnvironment environment)
    {
        var job = configuration["CONTAINER_APP_JOB_NAME"] ?? environment.ApplicationName;
        var execution = configuration["CONTAINER_APP_JOB_EXECUTION_NAME"] ?? $"{job}-{Environment.ProcessId}";
        return new ExecutionIdentity(job, execution, configuration["CONTAINER_APP_REPLICA_NAME"] ?? execution);
    }
}
