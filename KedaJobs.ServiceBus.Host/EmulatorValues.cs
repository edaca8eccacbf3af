using System.Text.Json;
using System.Xml;

namespace KedaJobs.ServiceBus.Host;

/// <summary>The values of a configuration file, and what is wrong with them.</summary>
internal static class EmulatorValues
{
    /// <summary>Takes over the "Properties" of an entity, one after the other.</summary>
    /// <param name="entity">The entity, as error messages name it.</param>
    /// <param name="element">What has the properties.</param>
    /// <param name="defaults">What is there without any.</param>
    /// <param name="set">Sets one; null for a property that there is not.</param>
    public static T Properties<T>(string entity, JsonElement element, T defaults, Func<T, string, JsonElement, T?> set)
        where T : class
    {
        var result = defaults;
        if (Member(element, "Properties") is { } properties)
        {
            foreach (var property in properties.EnumerateObject())
            {
                result = Set(entity, property, result, set);
            }
        }

        return result;
    }

    public static TimeSpan Duration(JsonElement value) => XmlConvert.ToTimeSpan(value.GetString() ?? "");

    public static EntityStatus Status(JsonElement value) => Enum.Parse<EntityStatus>(value.GetString() ?? "", ignoreCase: true);

    public static string? OptionalText(JsonElement value) => value.GetString() is { Length: > 0 } text ? text : null;

    public static string Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } text
            ? text.GetString()!
            : throw new ConfigurationException($"A queue, topic, subscription or rule has no '{name}'.");

    public static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? member
            : null;

    public static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : [];

    private static T Set<T>(string entity, JsonProperty property, T current, Func<T, string, JsonElement, T?> set)
        where T : class
    {
        try
        {
            return set(current, property.Name, property.Value)
                ?? throw new ConfigurationException($"{entity}: the property '{property.Name}' is unknown.");
        }
        catch (Exception wrong) when (wrong is FormatException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw new ConfigurationException($"{entity}: {property.Name} cannot be {property.Value.GetRawText()}: {wrong.Message}", wrong);
        }
    }
}
