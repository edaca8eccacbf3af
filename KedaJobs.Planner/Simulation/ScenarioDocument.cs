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

internal sealed record ScenarioQueue
{
    public string? Name { get; init; }

    public ScenarioArrivals? Arrivals { get; init; }

    public long? MessageCount { get; init; }

    public long? ActivationMessageCount { get; init; }

    public double? LockDurationSeconds { get; init; }

    public int? MaxDeliveryCount { get; init; }
}

internal sealed record ScenarioArrivals
{
    public string? Pattern { get; init; }

    public double? DurationSeconds { get; init; }

    public double? PerSecond { get; init; }

    public int? Messages { get; init; }

    public double? EverySeconds { get; init; }

    public double? Amplitude { get; init; }

    public double? PeakSeconds { get; init; }

    public double? SpikePerSecond { get; init; }

    public double? SpikeAtSeconds { get; init; }

    public double? SpikeSeconds { get; init; }

    /// <summary>A trace file, relative to the scenario.</summary>
    public string? File { get; init; }
}

internal sealed record ScenarioScale
{
    public int? PollingIntervalSeconds { get; init; }

    public int? MinExecutions { get; init; }

    public int? MaxExecutions { get; init; }

    public string? Strategy { get; init; }

    public string? Calculation { get; init; }

    public long? Deduction { get; init; }

    public string? Percentage { get; init; }
}

internal sealed record ScenarioExecution
{
    public int? ReplicaTimeoutSeconds { get; init; }

    public int? ReplicaRetryLimit { get; init; }

    public int? Parallelism { get; init; }

    public int? ReplicaCompletionCount { get; init; }
}

internal sealed record ScenarioResources
{
    public decimal? CpuCores { get; init; }

    public decimal? MemoryGi { get; init; }
}

internal sealed record ScenarioWorker
{
    public int? Concurrency { get; init; }

    public int? Prefetch { get; init; }

    public string? Completion { get; init; }

    public bool? RenewsLocks { get; init; }

    public double? IdleSeconds { get; init; }

    public int? MessageBudget { get; init; }

    public double? TimeBudgetSeconds { get; init; }

    public bool? DrainsOnStop { get; init; }

    public double? ShutdownGraceSeconds { get; init; }
}

internal record ScenarioTime
{
    public string? Distribution { get; init; }

    public double? Seconds { get; init; }

    public double? FromSeconds { get; init; }

    public double? ToSeconds { get; init; }

    public double? MeanSeconds { get; init; }

    public double? MedianSeconds { get; init; }

    public double? P95Seconds { get; init; }

    public IReadOnlyList<double>? MeasuredSeconds { get; init; }
}

internal sealed record ScenarioWork : ScenarioTime
{
    public double? SecondsPerKiB { get; init; }
}

internal sealed record ScenarioColdStart
{
    public ScenarioTime? ImagePull { get; init; }

    public ScenarioTime? ProcessStart { get; init; }
}

internal sealed record ScenarioFailures
{
    public double? Rate { get; init; }

    public double? PoisonRate { get; init; }

    public double? RetryDelaySeconds { get; init; }

    public double? RetryFactor { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    ReadCommentHandling = System.Text.Json.JsonCommentHandling.Disallow)]
[JsonSerializable(typeof(ScenarioDocument))]
internal sealed partial class ScenarioJson : JsonSerializerContext;
