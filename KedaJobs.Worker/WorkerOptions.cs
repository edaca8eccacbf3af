namespace KedaJobs.Worker;

/// <summary>How an execution of the worker goes about the queue: configuration section "Worker" (environment: Worker__Concurrency and so on).</summary>
public sealed class WorkerOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Worker";

    /// <summary>Messages handled at once. 1 to 1,000; default 4.</summary>
    public int Concurrency { get; set; } = 4;

    /// <summary>
    /// Messages fetched ahead of free hands. 0 to 10,000; default 0. Their locks run while they wait and nobody renews those: fetch ahead only where a
    /// message takes far less time than the queue's lock lasts, or messages wear out their deliveries without being handled. What was fetched and not
    /// started goes back to the queue when the execution ends.
    /// </summary>
    public int PrefetchCount { get; set; }

    /// <summary>The execution ends when the queue has given nothing for this long and nothing is in hand. Above zero; default 2 s.</summary>
    public TimeSpan IdleTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>After this many messages no further one is taken. At least 1; default: no limit.</summary>
    public int? MessageBudget { get; set; }

    /// <summary>
    /// After this time no further message is taken. Above zero and below <see cref="ReplicaTimeout"/>; default 80 % of that, so that what was taken
    /// last has a fifth of the time to be finished.
    /// </summary>
    public TimeSpan? TimeBudget { get; set; }

    /// <summary>When the platform ends the replica: the job's replica timeout. Above zero; default 30 min.</summary>
    public TimeSpan ReplicaTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// After SIGTERM, how long what is in hand may take before it is given back. Zero to 10 min; default 25 s, a little below the 30 s after which
    /// Container Apps kills the process.
    /// </summary>
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>
    /// How long the lock of one message is renewed. A handler that needs longer is cancelled and its message given back. Above zero; default
    /// <see cref="ReplicaTimeout"/>.
    /// </summary>
    public TimeSpan? MaxLockRenewal { get; set; }

    internal TimeSpan EffectiveTimeBudget => TimeBudget ?? (ReplicaTimeout * 0.8);

    internal TimeSpan EffectiveMaxLockRenewal => MaxLockRenewal ?? ReplicaTimeout;
}
