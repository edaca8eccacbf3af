using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Hosting;

/// <summary>
/// The declaration that all kinds of jobs share: how long an execution may take, how many replicas it
/// has and which resources each replica gets.
/// </summary>
/// <remarks>
/// Each value can be overridden for an experiment or a test in the AppHost's configuration, section <c>KedaJobs:Jobs:NAME</c>
/// (NAME is the worker's resource name), for instance <c>--KedaJobs:Jobs:worker:ReplicaTimeout=00:05:00</c>. Ranges are checked
/// when the model is built, in run and in publish mode (codes KJ001 and up, see docs/diagnostics.md). Defaults are those of
/// Container Apps jobs (Microsoft.App/jobs).
/// </remarks>
public class JobOptions
{
    /// <summary>
    /// An execution that runs longer is stopped (SIGTERM, then SIGKILL after 30 s) and fails. Whole seconds, at least 1 s; default 30
    /// minutes. For a job that receives messages, at least the lock duration of the queue, because the messages of a stopped
    /// execution stay locked for that long (KJ006).
    /// </summary>
    public TimeSpan ReplicaTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How many times a replica that exits with a nonzero code is restarted within its execution. At least 0; default 0.</summary>
    public int ReplicaRetryLimit { get; set; }

    /// <summary>The number of replicas that run in parallel in one execution. At least 1; default 1.</summary>
    public int Parallelism { get; set; } = 1;

    /// <summary>
    /// The number of replicas that must exit with code 0 for the execution to succeed. From 1 to <see cref="Parallelism"/>; default 1.
    /// </summary>
    public int ReplicaCompletionCount { get; set; } = 1;

    /// <summary>
    /// Virtual CPUs of a replica; default 0.5. On the consumption profile, 0.25 to 4 in steps of 0.25; on another
    /// <see cref="WorkloadProfile"/>, up to the size of one of its nodes (KJ012).
    /// </summary>
    public decimal Cpu { get; set; } = 0.5m;

    /// <summary>
    /// Memory of a replica in Gi; default 1. On the consumption profile, twice <see cref="Cpu"/>; on another <see cref="WorkloadProfile"/>,
    /// up to the size of one of its nodes (KJ012).
    /// </summary>
    public decimal MemoryGi { get; set; } = 1m;

    /// <summary>
    /// The workload profile of the Container Apps environment that runs the replicas. Null (default): the consumption profile.
    /// <c>WithWorkloadProfile</c> adds a profile to the environment. The option has no effect on this machine.
    /// </summary>
    public string? WorkloadProfile { get; set; }

    /// <summary>
    /// The Azure cloud that the job is published to; default <see cref="AzureCloud.Public"/>. It determines the host names of Service Bus
    /// and the <c>cloud</c> metadata of KEDA's azure-servicebus scaler.
    /// </summary>
    public AzureCloud Cloud { get; set; }
}
