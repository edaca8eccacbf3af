using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KedaJobs.Planner;

/// <summary>How KEDA decides, as users write it.</summary>
internal abstract record StrategyDocument
{
    public string? Strategy { get; init; }

    public string? Calculation { get; init; }

    public long? Deduction { get; init; }

    [JsonConverter(typeof(NumberOrString))]
    public string? Percentage { get; init; }
}

/// <summary>What KEDA accepts as a string can also be written as a number, digit for digit.</summary>
internal sealed class NumberOrString : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
        _ => reader.GetString(),
    };

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
