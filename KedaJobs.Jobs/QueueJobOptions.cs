using Azure.Messaging.ServiceBus;

namespace KedaJobs.Jobs;

/// <summary>
/// How an execution receives messages and when it ends. The options are read from the configuration section
/// <c>QueueJob</c>: from environment variables such as <c>QueueJob__Concurrency</c>, from <c>appsettings.json</c> or from
/// the command line. Code takes precedence.
/// </summary>
/// <remarks>All values are checked before anything is received; an invalid one ends the process with exit code 2.</remarks>
public sealed class QueueJobOptions
{
    /// <summary>The configuration section: <c>QueueJob</c>.</summary>
    public const string Section = "QueueJob";

    /// <summary>Messages that are handled at the same time. 1 to 1,000; default 4.</summary>
    public int Concurrency { get; set; } = 4;

    /// <summary>
    /// Messages that are fetched before they can be handled. 0 to 10,000; default 0. Their locks run while they wait, and are not renewed:
    /// prefetch only if handling a message takes far less time than the queue's lock lasts. Prefetched messages that weren't started return
    /// to the queue when the execution ends. Has no effect on a queue that requires sessions.
    /// </summary>
    public int PrefetchCount { get; set; }

    /// <summary>
    /// The execution ends when the queue has been empty for this long and no message is being handled. Greater than zero; default 2 s.
    /// </summary>
    public TimeSpan IdleTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The execution takes no more messages than this. At least 1; default: no limit.</summary>
    public int? MessageBudget { get; set; }

    /// <summary>
    /// The execution takes no new message after this time. Greater than zero and less than <see cref="ReplicaTimeout"/>; default 80 % of
    /// it, so that a fifth of the time is left to finish the messages in progress.
    /// </summary>
    public TimeSpan? TimeBudget { get; set; }

    /// <summary>The job's replica timeout, after which the platform ends the process. Greater than zero; default 30 minutes.</summary>
    public TimeSpan ReplicaTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// How long messages in progress may take after SIGTERM; then they return to the queue. Zero to 10 minutes; default 25 s: Container
    /// Apps kills the process after 30 s.
    /// </summary>
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>
    /// How long the lock of a message is renewed. A handler that takes longer is canceled, and its attempt has failed. Greater than zero;
    /// default <see cref="ReplicaTimeout"/>.
    /// </summary>
    public TimeSpan? MaxLockRenewal { get; set; }

    /// <summary>
    /// How many attempts a message gets before it is dead-lettered with the last error. At least 1. Set it to the
    /// queue's <c>MaxDeliveryCount</c>. Default: 10, as in Service Bus; where retries are not delayed, the
    /// queue's <c>MaxDeliveryCount</c> alone decides.
    /// </summary>
    public int? MaxAttempts { get; set; }

    /// <summary>
    /// Whether a failed message waits as a scheduled message before its next attempt (default). If not, it is abandoned: it returns to the
    /// queue at once, and Service Bus counts the attempts.
    /// </summary>
    public bool DelayRetries { get; set; } = true;

    /// <summary>The delay before the second attempt; it doubles with every further attempt. Greater than zero; default 2 s.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest delay between two attempts. At least <see cref="RetryDelay"/>; default 5 minutes.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Whether the queue has duplicate detection. It would drop the copy that waits for the next attempt, so with true, retries are not
    /// delayed. Null (default) means unknown: the copy gets a new <c>MessageId</c>, and the application property <c>JobId</c> keeps the old
    /// one. With false, it keeps its <c>MessageId</c>.
    /// </summary>
    public bool? DuplicateDetection { get; set; }

    /// <summary>
    /// Whether the queue requires sessions. Default false, which also works for a queue that requires sessions: the execution detects it
    /// when Service Bus rejects its receiver, at the cost of one more request. <see cref="Concurrency"/> is then the number of sessions
    /// that are handled at the same time; the messages of a session are handled one after the other, in order.
    /// </summary>
    public bool RequiresSession { get; set; }

    /// <summary>
    /// How long a session can be empty before the execution closes it and accepts the next one. Greater than zero; default 0.25
    /// s. Only for queues that require sessions.
    /// </summary>
    public TimeSpan SessionIdleTime { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// The connection whose namespace takes the results, as the name of a connection string. Null (default): the namespace
    /// of the job's own queue. If the connection string names a queue, the link to it is opened while the host is being
    /// built, so that an execution starts sooner.
    /// </summary>
    public string? ResultsConnection { get; set; }

    /// <summary>How many times the Service Bus client retries a failed operation. 0 to 100; default: the client's own setting, 3.</summary>
    public int? ClientRetries { get; set; }

    /// <summary>Changes the options of the Service Bus client: transport, proxy, time-outs. Only in code.</summary>
    public Action<ServiceBusClientOptions>? ConfigureClient { get; set; }

    internal TimeSpan EffectiveTimeBudget => TimeBudget ?? (ReplicaTimeout * 0.8);

    internal TimeSpan EffectiveMaxLockRenewal => MaxLockRenewal ?? ReplicaTimeout;
}
