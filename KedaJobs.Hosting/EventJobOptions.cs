namespace KedaJobs.Hosting;

/// <summary>
/// The declaration of an event job: when executions start, how many, how long they may take and which resources each replica gets. Every
/// runtime reads this object: the local KEDA, the publisher, the checks and the job definition file.
/// </summary>
/// <remarks>
/// Each value can be overridden for an experiment or a test in the AppHost's configuration, section <c>KedaJobs:Jobs:NAME</c> (NAME is the
/// worker's resource name), for instance <c>--KedaJobs:Jobs:worker:MaxExecutions=5</c>. Ranges are checked when the model is built, in run
/// and in publish mode (codes KJ001 and up, see docs/diagnostics.md). Defaults are those of Container Apps jobs (Microsoft.App/jobs) and of
/// KEDA's azure-servicebus scaler where both leave a value out.
/// </remarks>
public sealed class EventJobOptions : JobOptions
{
    /// <summary>The number of messages that one execution should take: the scale rule's target. At least 1; KEDA's default is 5.</summary>
    public int MessageCount { get; set; } = 5;

    /// <summary>
    /// The rule is active only above this many active messages (strictly greater). At least 0; default 0: one message is enough.
    /// </summary>
    public int ActivationMessageCount { get; set; }

    /// <summary>
    /// The number of executions that are kept running regardless of the queue. From 0 (default: idle
    /// means zero) to <see cref="MaxExecutions"/>.
    /// </summary>
    public int MinExecutions { get; set; }

    /// <summary>The maximum number of concurrent executions. At least 1; default 100.</summary>
    public int MaxExecutions { get; set; } = 100;

    /// <summary>How often the queue's counts are read and a decision is made. Whole seconds, at least 1 s; default 30 s.</summary>
    public TimeSpan PollingInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// After this time, a worker that uses the KedaJobs.Jobs library receives no more messages and exits with code 0. Null (default):
    /// derived from <see cref="JobOptions.ReplicaTimeout"/>. Shorter than <see cref="JobOptions.ReplicaTimeout"/>.
    /// </summary>
    public TimeSpan? TimeBudget { get; set; }

    /// <summary>
    /// After this many messages, a worker that uses the KedaJobs.Jobs library exits with code 0. Null (default): it
    /// continues until the queue is drained. At least 1.
    /// </summary>
    public int? MessageBudget { get; set; }

    internal EventJobOptions Clone() => (EventJobOptions)MemberwiseClone();

    /// <summary>For a job that is not scaled: as many executions run as are started.</summary>
    internal static EventJobOptions Unscaled(JobOptions options) => new()
    {
        MaxExecutions = int.MaxValue,
        ReplicaTimeout = options.ReplicaTimeout,
        ReplicaRetryLimit = options.ReplicaRetryLimit,
        Parallelism = options.Parallelism,
        ReplicaCompletionCount = options.ReplicaCompletionCount,
        Cpu = options.Cpu,
        MemoryGi = options.MemoryGi,
        WorkloadProfile = options.WorkloadProfile,
        Cloud = options.Cloud,
    };
}
