using KedaJobs.Scaling.Definitions;
using KedaJobs.Scaling.Executions;
using KedaJobs.Scaling.Rules;

namespace KedaJobs.Scaling.Simulation;

/// <summary>Everything a simulation depends on. The same input always gives the same result.</summary>
public sealed record SimulationInput
{
    /// <summary>Where all random numbers come from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The queues and subscriptions that trigger the job, in the order of its scale rules. At least one.</summary>
    public required IReadOnlyList<SimulatedQueue> Queues { get; init; }

    /// <summary>
    /// KEDA's cron rules of the job, in the order of their <see cref="SimulatedCronRule.Place"/>. They need <see cref="Start"/>.
    /// </summary>
    public IReadOnlyList<SimulatedCronRule> CronRules { get; init; } = [];

    /// <summary>The instant at which the simulation begins. Only cron rules depend on it; null without any.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>How often KEDA polls and how many executions are allowed.</summary>
    public ScaleDefinition Scale { get; init; } = new();

    /// <summary>KEDA's strategy, see <see cref="ScalePoll.Strategy"/>. Null: default, which is what Container Apps uses.</summary>
    public string? Strategy { get; init; }

    /// <summary>How KEDA combines several triggers, see <see cref="ScalePoll.Calculation"/>. Null: max.</summary>
    public string? Calculation { get; init; }

    /// <summary>Strategy custom, see <see cref="ScalePoll.Deduction"/>.</summary>
    public long? Deduction { get; init; }

    /// <summary>Strategy custom, see <see cref="ScalePoll.Percentage"/>.</summary>
    public string? Percentage { get; init; }

    /// <summary>The settings of each execution.</summary>
    public ExecutionDefinition Execution { get; init; } = new();

    /// <summary>The resources of each replica.</summary>
    public ResourcesDefinition Resources { get; init; } = new();

    /// <summary>How the worker handles its messages.</summary>
    public WorkerBehavior Worker { get; init; } = new();

    /// <summary>How long the work on one message takes.</summary>
    public Distribution Work { get; init; } = Distribution.Constant(TimeSpan.FromSeconds(1));

    /// <summary>Seconds of work for each KiB of a message beside <see cref="Work"/>. At least 0. Only traces have sizes.</summary>
    public double SecondsPerKiB { get; init; }

    /// <summary>
    /// From an execution's creation until its container runs: node and image. Meanwhile the execution is pending and costs nothing. A
    /// restarted replica already has its image.
    /// </summary>
    public Distribution ImagePull { get; init; } = Distribution.Constant(TimeSpan.Zero);

    /// <summary>From the container's start until it receives its first message: runtime, configuration, connection.</summary>
    public Distribution ProcessStart { get; init; } = Distribution.Constant(TimeSpan.Zero);

    /// <summary>What goes wrong with messages.</summary>
    public FailureRates Failures { get; init; } = new();

    /// <summary>
    /// When the first poll is, from the beginning. From zero to the polling interval. Null: chosen by the seed, because the offset between
    /// polls and arrivals is unknown.
    /// </summary>
    public TimeSpan? FirstPoll { get; init; }

    /// <summary>
    /// How long the simulation continues after the last arrival before it gives up on the remaining messages. Above zero.
    /// </summary>
    public TimeSpan LongestTail { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Rejects values that are out of range.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the message names it.</exception>
    public void Validate()
    {
        if (Queues.Count == 0)
        {
            throw new ArgumentException("There must be at least one queue.", nameof(Queues));
        }

        foreach (var queue in Queues)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(queue.MessageCount, 1);
            ArgumentOutOfRangeException.ThrowIfNegative(queue.ActivationMessageCount);
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(queue.LockDuration, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfLessThan(queue.MaxDeliveryCount, 1);
        }

        if (CronRules.Count > 0 && Start is null)
        {
            throw new ArgumentException("Cron rules need the instant at which the simulation begins.", nameof(Start));
        }

        var place = 0;
        foreach (var rule in CronRules)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(rule.Place, place);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(rule.Place, Queues.Count);
            place = rule.Place;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(Scale.PollingIntervalSeconds, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Scale.MinExecutions);
        ArgumentOutOfRangeException.ThrowIfLessThan(Scale.MaxExecutions, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Resources.CpuCores);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Resources.MemoryGi);
        ArgumentOutOfRangeException.ThrowIfLessThan(Worker.Concurrency, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Worker.Prefetch);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Worker.IdleTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(Worker.MessageBudget ?? 1, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Worker.TimeBudget ?? TimeSpan.MaxValue, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(Worker.ShutdownGrace, TimeSpan.Zero);
        RequireShare(Failures.Rate, nameof(Failures.Rate));
        RequireShare(Failures.PoisonRate, nameof(Failures.PoisonRate));
        ArgumentOutOfRangeException.ThrowIfLessThan(Failures.RetryDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(Failures.RetryFactor, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(SecondsPerKiB);
        ArgumentOutOfRangeException.ThrowIfLessThan(FirstPoll ?? TimeSpan.Zero, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(LongestTail, TimeSpan.Zero);
        ExecutionSettings.Validate();
    }

    internal ExecutionSettings ExecutionSettings => new()
    {
        Parallelism = Execution.Parallelism,
        ReplicaCompletionCount = Execution.ReplicaCompletionCount,
        ReplicaRetryLimit = Execution.ReplicaRetryLimit,
        ReplicaTimeout = TimeSpan.FromSeconds(Execution.ReplicaTimeoutSeconds),
    };

    private static void RequireShare(double value, string name)
    {
        if (!(value is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(name, value, "A rate must be from 0 to 1.");
        }
    }
}

/// <summary>A queue or subscription with its arrivals, its settings and its scale rule.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arrivals">When messages arrive.</param>
public sealed record SimulatedQueue(string Name, ArrivalPattern Arrivals)
{
    /// <summary>Service Bus's lock duration where none is declared: 1 minute.</summary>
    public static TimeSpan DefaultLockDuration { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Service Bus's maximum of deliveries where none is declared.</summary>
    public const int DefaultMaxDeliveryCount = 10;

    /// <summary>A queue in which nothing arrives.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The queue.</returns>
    public static SimulatedQueue Empty(string name) => new(name, ArrivalPattern.None(TimeSpan.FromSeconds(1)));

    /// <summary>Messages that one execution should take. At least 1.</summary>
    public long MessageCount { get; init; } = TriggerReading.DefaultTarget;

    /// <summary>Executions start only above this many messages. At least 0.</summary>
    public long ActivationMessageCount { get; init; }

    /// <summary>How long a message stays locked for its receiver. Above zero.</summary>
    public TimeSpan LockDuration { get; init; } = DefaultLockDuration;

    /// <summary>Deliveries after which a message is dead-lettered. At least 1.</summary>
    public int MaxDeliveryCount { get; init; } = DefaultMaxDeliveryCount;
}

/// <summary>A cron rule: from each start to the next end it wants a number of executions, regardless of the queues.</summary>
/// <param name="Name">The rule's name.</param>
/// <param name="Trigger">When, and how many.</param>
/// <param name="Place">
/// How many of the queues' rules are declared before it. From 0 to the number of queues: of triggers that
/// say the same number, KEDA takes the first.
/// </param>
public sealed record SimulatedCronRule(string Name, CronTrigger Trigger, int Place);

/// <summary>
/// How a worker handles its messages: what the drain policy and the lock renewal of the template's worker do, and what others do instead.
/// </summary>
public sealed record WorkerBehavior
{
    /// <summary>Messages that one replica handles at once. At least 1.</summary>
    public int Concurrency { get; init; } = 1;

    /// <summary>
    /// Messages that one replica fetches ahead of free hands. At least 0. Their locks run while they wait, and are not renewed.
    /// </summary>
    public int Prefetch { get; init; }

    /// <summary>When messages leave the queue.</summary>
    public Completion Completion { get; init; } = Completion.Late;

    /// <summary>
    /// Whether the worker renews the locks of the messages that it is handling. One that does drops a prefetched message whose lock has
    /// lapsed; one that does not still handles it, and the result cannot be settled.
    /// </summary>
    public bool RenewsLocks { get; init; } = true;

    /// <summary>A replica ends when it has received nothing for this long and is handling nothing. Above zero.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A replica takes no more messages after this many. At least 1; null: it drains the queue.</summary>
    public int? MessageBudget { get; init; }

    /// <summary>
    /// A replica takes no more messages after this time. Above zero; null: 80 % of the replica timeout, as the template's worker does.
    /// </summary>
    public TimeSpan? TimeBudget { get; init; }

    /// <summary>
    /// What happens at SIGTERM. True: the worker receives nothing new, finishes the messages it is handling within
    /// <see cref="ShutdownGrace"/> and returns the rest to the queue. False: the process ends at once, and its
    /// messages stay locked until the locks lapse.
    /// </summary>
    public bool DrainsOnStop { get; init; } = true;

    /// <summary>How long the worker may finish its messages after SIGTERM. At least zero, and below the platform's 30 s.</summary>
    public TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(25);
}

/// <summary>What goes wrong with messages. A handler that fails does so at the end of its work.</summary>
public sealed record FailureRates
{
    /// <summary>The share of deliveries whose handler fails. From 0 to 1.</summary>
    public double Rate { get; init; }

    /// <summary>The share of messages whose handler always fails. From 0 to 1.</summary>
    public double PoisonRate { get; init; }

    /// <summary>
    /// How long a failed message waits before its second delivery. At least zero. Meanwhile it counts as active and keeps no handler busy.
    /// </summary>
    public TimeSpan RetryDelay { get; init; }

    /// <summary>The factor by which the delay grows from delivery to delivery. At least 1.</summary>
    public double RetryFactor { get; init; } = 1;
}
