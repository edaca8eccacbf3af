using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Hosting;

/// <summary>
/// What every job declares, whatever starts its executions: how long one may take, how many replicas it has and what each of them gets.
/// </summary>
/// <remarks>
/// Each value can be overridden for an experiment or a test by the AppHost's configuration, section <c>KedaJobs:Jobs:NAME</c>
/// (NAME is the worker's resource name), for instance <c>--KedaJobs:Jobs:worker:ReplicaTimeout=00:05:00</c>. Ranges are checked
/// when the model is built, in run and in publish mode (codes KJ001 and up, see docs/diagnostics.md). Defaults are those of
/// Container Apps jobs (Microsoft.App/jobs).
/// </remarks>
public class JobOptions
{
    /// <summary>
    /// An execution that runs longer is stopped (SIGTERM, 30 s, SIGKILL) and failed. Whole seconds, at least 1 s; default 30 minutes. For a
    /// job that takes messages, at least the lock duration of their queue: messages of a stopped execution stay locked for as long (KJ006).
    /// </summary>
    public TimeSpan ReplicaTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How often a replica that exits non-zero is started again within its execution. At least 0; default 0.</summary>
    public int ReplicaRetryLimit { get; set; }

    /// <summary>Replicas of one execution that run side by side. At least 1; default 1.</summary>
    public int Parallelism { get; set; } = 1;

    /// <summary>Replicas that must exit 0 for the execution to succeed. From 1 to <see cref="Parallelism"/>; default 1.</summary>
    public int ReplicaCompletionCount { get; set; } = 1;

    /// <summary>
    /// Virtual CPUs of a replica; default 0.5. On the consumption profile 0.25 to 4 in steps of 0.25, on another
    /// <see cref="WorkloadProfile"/> up to what one of its nodes has (KJ012).
    /// </summary>
    public decimal Cpu { get; set; } = 0.5m;

    /// <summary>
    /// Memory of a replica in Gi; default 1. On the consumption profile twice <see cref="Cpu"/>, on another <see cref="WorkloadProfile"/>
    /// up to what one of its nodes has (KJ012).
    /// </summary>
    public decimal MemoryGi { get; set; } = 1m;

    /// <summary>
    /// The name of the workload profile that runs the replicas, one of those of the Container Apps environment; null, the default: the
    /// consumption profile. <c>WithWorkloadProfile</c> adds one to the environment. It has no effect on this machine.
    /// </summary>
    public string? WorkloadProfile { get; set; }

    /// <summary>
    /// The Azure cloud that the job is published to; default <see cref="AzureCloud.Public"/>. It decides the host names of Service Bus, and
    /// the <c>cloud</c> that KEDA's azure-servicebus scaler is told.
    /// </summary>
    public AzureCloud Cloud { get; set; }
}
