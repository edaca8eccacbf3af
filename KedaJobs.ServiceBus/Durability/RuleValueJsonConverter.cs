using System.Text.Json;
using System.Text.Json.Serialization;
using KedaJobs.ServiceBus.Entities.Topics.Rules;

namespace KedaJobs.ServiceBus.Durability;

/// <summary>Parameters and properties of rules with their types, which JSON alone would lose: <c>{"int":"5"}</c>.</summary>
internal sealed class RuleValueJsonConverter : JsonConverter<object>
{
    public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options)
    {
        var (type, text) = RuleValueText.Write(value);
        writer.WriteStartObject();
        writer.WriteString(type, text);
        writer.WriteEndObject();
    }

    public override object Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject || !reader.Read() || reader.GetString() is not { } type || !reader.Read())
        {
            throw new JsonException("A rule's value is not an object with its type and its text.");
        }

        try
        {
            var value = RuleValueText.Read(type, reader.GetString() ?? "")
                ?? throw new JsonException($"A rule's value has the unknown type {type}.");
            return reader.Read() && reader.TokenType == JsonTokenType.EndObject
                ? value
                : throw new JsonException("A rule's value has more than one type.");
        }
        catch (Exception malformed) when (malformed is FormatException or InvalidOperationException)
        {
            throw new JsonException($"A rule's value of type {type} cannot be read.", malformed);
        }
    }
}
