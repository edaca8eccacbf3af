using System.Text.Json.Serialization;

namespace KedaJobs.Planner.Explain;

/// <summary>A poll as users write it; see docs/planner.md.</summary>
internal sealed record PollDocument : StrategyDocument
{
    /// <summary>When the poll is; only cron rules depend on it.</summary>
    public string? At { get; init; }

    public long? Min { get; init; }

    public long? Max { get; init; }

    public long? Running { get; init; }

    public long? Pending { get; init; }

    public required List<TriggerDocument?>? Triggers { get; init; }
}

/// <summary>The reading of one trigger, or the cron rule that gives it.</summary>
internal sealed record TriggerDocument(
    long? Length = null, long? Target = null, long? Activation = null, bool? Error = null, CronDocument? Cron = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(PollDocument))]
internal sealed partial class PollJson : JsonSerializerContext;
