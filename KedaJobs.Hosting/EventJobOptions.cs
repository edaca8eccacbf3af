namespace KedaJobs.Hosting;

/// <summary>
/// What an event job declares: when executions start, how many, how long they may take and what each replica gets.
/// Every runtime reads this one object: the local KEDA, the publisher, the checks and the job definition file.
/// </summary>
/// <remarks>
/// Each value can be overridden for an experiment or a test by the AppHost's configuration, section <c>KedaJobs:Jobs:NAME</c>
/// (NAME is the worker's resource name), for instance <c>--KedaJobs:Jobs:worker:MaxExecutions=5</c>. Ranges are checked when the model is
/// built, in run and in publish mode (codes KJ001 and up, see docs/diagnostics.md). Defaults are those of Container Apps jobs
/// (Microsoft.App/jobs) and of KEDA's azure-servicebus scaler where both leave a value out.
/// </remarks>
public sealed class EventJobOptions : JobOptions
{
    /// <summary>Messages one execution is meant to take: the scale rule's target. At least 1; KEDA's default is 5.</summary>
    public int MessageCount { get; set; } = 5;

    /// <summary>
    /// The rule is active only above this many active messages (strictly greater). At least 0; default 0: one message is enough.
    /// </summary>
    public int ActivationMessageCount { get; set; }

    /// <summary>
    /// Executions that are kept running whatever the queue holds. From 0 (default: idle means zero) to <see cref="MaxExecutions"/>.
    /// </summary>
    public int MinExecutions { get; set; }

    /// <summary>Executions that run at once at the most. At least 1; default 100.</summary>
    public int MaxExecutions { get; set; } = 100;

    /// <summary>How often the queue's counts are read and a decision is made. Whole seconds, at least 1 s; default 30 s.</summary>
    public TimeSpan PollingInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// After this time a worker that uses the library KedaJobs.Jobs takes no further message and exits 0. Null (default): it derives it
    /// from <see cref="JobOptions.ReplicaTimeout"/>. Shorter than <see cref="JobOptions.ReplicaTimeout"/>.
    /// </summary>
    public TimeSpan? TimeBudget { get; set; }

    /// <summary>
    /// After this many messages a worker that uses the library KedaJobs.Jobs exits 0. Null (default): it goes
    /// on until the queue is drained. At least 1.
    /// </summary>
    public int? MessageBudget { get; set; }

    internal EventJobOptions Clone() => (EventJobOptions)MemberwiseClone();

    /// <summary>For a job that nothing scales: as many executions run as are started.</summary>
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
