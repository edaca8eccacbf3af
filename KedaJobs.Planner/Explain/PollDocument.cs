using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KedaJobs.Planner.Explain;

/// <summary>A poll as users write it; see docs/planner.md.</summary>
internal sealed record PollDocument
{
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
}

/// <summary>KEDA takes the percentage as a string; a number is understood too, digit for digit.</summary>
internal sealed class NumberOrString : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
        _ => reader.GetString(),
    };

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(PollDocument))]
internal sealed partial class PollJson : JsonSerializerContext;
