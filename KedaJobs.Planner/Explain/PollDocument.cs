using System.Text.Json.Serialization;

namespace KedaJobs.Planner.Explain;

/// <summary>A poll as users write it; see docs/planner.md.</summary>
internal sealed record PollDocument
{
    /// <summary>When the poll is; only cron rules depend on it.</summary>
    public string? At { get; init; }

    public long? Min { get; init; }

    public long? Max { get; init; }

    public long? Running { get; init; }

    public long? Pending { get; init; }

    public string? Strategy { get; init; }

    public string? Calculation { get; init; }

    public long? Deduction { get; init; }

    [JsonConverter(typeof(NumberOrString))]
    public string? Percentage { get; init; }

    public required List<TriggerDocument?>? Triggers { get; init; }
}

internal sealed record TriggerDocument
{
    public long? Length { get; init; }

    public long? Target { get; init; }

    public long? Activation { get; init; }

    public bool? Error { get; init; }

    /// <summary>A cron rule, in place of all the others.</summary>
    public CronDocument? Cron { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(PollDocument))]
internal sealed partial class PollJson : JsonSerializerContext;
