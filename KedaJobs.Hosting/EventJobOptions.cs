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
public sealed class EventJobOptions
{
    /// <summary>Messages one execution is meant to take: the scale rule's target. At least 1; KEDA's default is 5.</summary>
    public int MessageCount { get; set; } = 5;

    /// <summary>
    /// The rule is active only above this many active messages (strictly greater). At least 0; default 0: one message is enough.
    /// </summary>
    public int ActivationMessageCount { get; set; }

    /// <summary>Executions that are kept running whatever the queue holds. From 0 (default: idle means zero) to <see cref="MaxExecutions"/>.</summary>
    public int MinExecutions { get; set; }

    /// <summary>Executions that run at once at the most. At least 1; default 100.</summary>
    public int MaxExecutions { get; set; } = 100;

    /// <summary>How often the queue's counts are read and a decision is made. Whole seconds, at least 1 s; default 30 s.</summary>
    public TimeSpan PollingInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// An execution that runs longer is stopped (SIGTERM, 30 s, SIGKILL) and failed. Whole seconds, at least 1 s, and at least the queue's
    /// lock duration; default 30 minutes.
    /// </summary>
    public TimeSpan ReplicaTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How often a replica that exits non-zero is started again within its execution. At least 0; default 0.</summary>
    public int ReplicaRetryLimit { get; set; }

    /// <summary>Replicas of one execution that run side by side. At least 1; default 1.</summary>
    public int Parallelism { get; set; } = 1;

    /// <summary>Replicas that must exit 0 for the execution to succeed. From 1 to <see cref="Parallelism"/>; default 1.</summary>
    public int ReplicaCompletionCount { get; set; } = 1;

    /// <summary>Virtual CPUs of a replica: 0.25 to 4 in steps of 0.25; default 0.5.</summary>
    public decimal Cpu { get; set; } = 0.5m;

    /// <summary>Memory of a replica in Gi: twice <see cref="Cpu"/>, as the consumption profile wants it; default 1.</summary>
    public decimal MemoryGi { get; set; } = 1m;

    /// <summary>
    /// After this time the worker takes no further message and exits 0. Null (default): the worker derives it from
    /// <see cref="ReplicaTimeout"/>. Shorter than <see cref="ReplicaTimeout"/>.
    /// </summary>
    public TimeSpan? TimeBudget { get; set; }

    /// <summary>After this many messages the worker exits 0. Null (default): it goes on until the queue is drained. At least 1.</summary>
    public int? MessageBudget { get; set; }

    internal EventJobOptions Clone() => (EventJobOptions)MemberwiseClone();
}
