using System.Text.Json.Serialization;

namespace KedaJobs.Planner.Simulation;

/// <summary>A scenario as users write it; see docs/planner.md. What is null comes from the job definition, or is the default.</summary>
internal sealed record ScenarioDocument
{
    public string? Title { get; init; }

    public ulong? Seed { get; init; }

    /// <summary>A job definition (jobs/NAME.json), relative to the scenario.</summary>
    public string? Definition { get; init; }

    public required IReadOnlyList<ScenarioQueue?>? Queues { get; init; }

    /// <summary>When the scenario begins; only cron rules depend on it.</summary>
    public string? Start { get; init; }

    /// <summary>Cron rules, after those of the job definition.</summary>
    public IReadOnlyList<CronDocument?>? Cron { get; init; }

    public ScenarioScale? Scale { get; init; }

    public ScenarioExecution? Execution { get; init; }

    public ScenarioResources? Resources { get; init; }

    public ScenarioWorker? Worker { get; init; }

    public ScenarioWork? Work { get; init; }

    public ScenarioColdStart? ColdStart { get; init; }

    public ScenarioFailures? Failures { get; init; }

    public double? FirstPollSeconds { get; init; }

    public double? LongestTailSeconds { get; init; }
}

internal sealed record ScenarioQueue(
    string? Name = null,
    ScenarioArrivals? Arrivals = null,
    long? MessageCount = null,
    long? ActivationMessageCount = null,
    double? LockDurationSeconds = null,
    int? MaxDeliveryCount = null);

/// <summary>When messages arrive; a trace file is relative to the scenario.</summary>
internal sealed record ScenarioArrivals(
    string? Pattern = null,
    double? DurationSeconds = null,
    double? PerSecond = null,
    int? Messages = null,
    double? EverySeconds = null,
    double? Amplitude = null,
    double? PeakSeconds = null,
    double? SpikePerSecond = null,
    double? SpikeAtSeconds = null,
    double? SpikeSeconds = null,
    string? File = null);

internal sealed record ScenarioScale : StrategyDocument
{
    public int? PollingIntervalSeconds { get; init; }

    public int? MinExecutions { get; init; }

    public int? MaxExecutions { get; init; }
}

internal sealed record ScenarioExecution(
    int? ReplicaTimeoutSeconds = null, int? ReplicaRetryLimit = null, int? Parallelism = null, int? ReplicaCompletionCount = null);

internal sealed record ScenarioResources(decimal? CpuCores = null, decimal? MemoryGi = null);

internal sealed record ScenarioWorker(
    int? Concurrency = null,
    int? Prefetch = null,
    string? Completion = null,
    bool? RenewsLocks = null,
    double? IdleSeconds = null,
    int? MessageBudget = null,
    double? TimeBudgetSeconds = null,
    bool? DrainsOnStop = null,
    double? ShutdownGraceSeconds = null);

internal record ScenarioTime(
    string? Distribution = null,
    double? Seconds = null,
    double? FromSeconds = null,
    double? ToSeconds = null,
    double? MeanSeconds = null,
    double? MedianSeconds = null,
    double? P95Seconds = null,
    IReadOnlyList<double>? MeasuredSeconds = null);

internal sealed record ScenarioWork : ScenarioTime
{
    public double? SecondsPerKiB { get; init; }
}

internal sealed record ScenarioColdStart(ScenarioTime? ImagePull = null, ScenarioTime? ProcessStart = null);

internal sealed record ScenarioFailures(
    double? Rate = null, double? PoisonRate = null, double? RetryDelaySeconds = null, double? RetryFactor = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    ReadCommentHandling = System.Text.Json.JsonCommentHandling.Disallow)]
[JsonSerializable(typeof(ScenarioDocument))]
internal sealed partial class ScenarioJson : JsonSerializerContext;
