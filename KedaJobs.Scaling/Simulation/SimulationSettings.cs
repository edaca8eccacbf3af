namespace KedaJobs.Scaling.Simulation;

/// <summary>Settings to try out instead of those of an input. Null: the input's own.</summary>
/// <param name="MessageCount">Messages of the first queue that one execution should take. At least 1.</param>
/// <param name="MaxExecutions">The maximum number of concurrent executions. At least 1.</param>
/// <param name="PollingIntervalSeconds">Seconds between two polls. At least 1.</param>
/// <param name="Strategy">KEDA's strategy: one of <see cref="Strategies"/>.</param>
/// <param name="Concurrency">Messages one replica handles at once. At least 1.</param>
public sealed record SimulationSettings(
    long? MessageCount = null, int? MaxExecutions = null, int? PollingIntervalSeconds = null, string? Strategy = null,
    int? Concurrency = null)
{
    /// <summary>The strategies that need no numbers of their own.</summary>
    public static IReadOnlyList<string> Strategies { get; } = ["default", "accurate", "eager"];

    /// <summary>The settings in effect.</summary>
    /// <param name="input">An input.</param>
    /// <returns>Its settings, none of them null.</returns>
    public static SimulationSettings Of(SimulationInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new(
            input.Queues[0].MessageCount, input.Scale.MaxExecutions, input.Scale.PollingIntervalSeconds, input.Strategy ?? "default",
            input.Worker.Concurrency);
    }

    /// <summary>Makes an input with these settings. A minimum of executions above the maximum is lowered to it.</summary>
    /// <param name="input">The input.</param>
    /// <returns>The input with the settings that are not null.</returns>
    public SimulationInput Apply(SimulationInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input with
        {
            Queues = MessageCount is { } count ? [input.Queues[0] with { MessageCount = count }, .. input.Queues.Skip(1)] : input.Queues,
            Scale = input.Scale with
            {
                MaxExecutions = MaxExecutions ?? input.Scale.MaxExecutions,
                MinExecutions = Math.Min(input.Scale.MinExecutions, MaxExecutions ?? int.MaxValue),
                PollingIntervalSeconds = PollingIntervalSeconds ?? input.Scale.PollingIntervalSeconds,
            },
            Strategy = Strategy ?? input.Strategy,
            Worker = input.Worker with { Concurrency = Concurrency ?? input.Worker.Concurrency },
        };
    }

    /// <summary>The settings that are given, each with its name, in this order.</summary>
    /// <returns>For instance <c>messageCount 1, strategy eager</c>; empty without any.</returns>
    public string Describe() => string.Join(", ", new (string Name, object? Value)[]
    {
        ("messageCount", MessageCount), ("maxExecutions", MaxExecutions), ("pollingInterval", PollingIntervalSeconds),
        ("strategy", Strategy), ("concurrency", Concurrency),
    }.Where(setting => setting.Value is not null).Select(setting => $"{setting.Name} {setting.Value}"));
}
