using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KedaJobs.Planner;

/// <summary>A rule of KEDA's cron scaler as users write it.</summary>
internal sealed record CronDocument
{
    /// <summary>The rule's name; only a scenario uses it.</summary>
    public string? Name { get; init; }

    public string? Timezone { get; init; }

    public string? Start { get; init; }

    public string? End { get; init; }

    [JsonConverter(typeof(NumberOrString))]
    public string? DesiredReplicas { get; init; }
}

/// <summary>What KEDA takes as a string is understood as a number too, digit for digit.</summary>
internal sealed class NumberOrString : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
        _ => reader.GetString(),
    };

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
