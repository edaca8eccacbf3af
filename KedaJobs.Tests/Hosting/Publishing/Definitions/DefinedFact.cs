using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml;

namespace KedaJobs.Tests.Hosting.Publishing.Definitions;

/// <summary>One value of a job definition, with where it stands: <c>queues[*].lockDurationSeconds</c> for instance.</summary>
/// <param name="Path">The path, with '*' for indexes and for names that users give.</param>
/// <param name="Value">The value as text.</param>
/// <param name="Key">The name that a user gives, of an environment variable for instance; otherwise empty.</param>
/// <param name="Names">The names of the objects around it, the nearest first.</param>
internal sealed partial record DefinedFact(string Path, string Value, string Key, IReadOnlyList<string> Names)
{
    // Objects whose fields are named by users.
    private static readonly string[] Maps = ["environment", "metadata", "properties"];

    public static IEnumerable<DefinedFact> Of(JsonObject definition) => Of(definition, "", "", []);

    /// <summary>
    /// A pattern for this fact. Values are quoted; {v} is the value, {name} and {outer} what it belongs to, {key} the user's name for it.
    /// </summary>
    public string Pattern(string template) => Hole().Replace(template, hole => hole.Groups[1].Value switch
    {
        "v" => Regex.Escape(Value),
        "id" => Identifier(Value),
        "VAR" => Identifier(Value).ToUpperInvariant(),
        "iso" => XmlConvert.ToString(TimeSpan.FromSeconds(double.Parse(Value, System.Globalization.CultureInfo.InvariantCulture))),
        "json" => Regex.Escape(Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)),
        "here" => Regex.Escape(Value.Replace("\\", "\\\\\\\\", StringComparison.Ordinal).Replace("\"", "\\\\\"", StringComparison.Ordinal)
            .Replace("$", "\\$", StringComparison.Ordinal)),
        "key" => Regex.Escape(Key),
        "secret" => Key.Replace('_', '-').ToLowerInvariant(),
        "name" => Regex.Escape(Names[0]),
        "nid" => Identifier(Names[0]),
        "NVAR" => Identifier(Names[0]).ToUpperInvariant(),
        "outer" => Regex.Escape(Names[1]),
        "oid" => Identifier(Names[1]),
        "outermost" => Regex.Escape(Names[2]),
        "ooid" => Identifier(Names[2]),
        _ => hole.Value,
    });

    private static string Identifier(string name) => NotOfIdentifier().Replace(name, "_");

    private static IEnumerable<DefinedFact> Of(JsonNode node, string path, string key, IReadOnlyList<string> names)
    {
        switch (node)
        {
            case JsonObject item:
                var around = (item["ruleName"] ?? item["name"]) is JsonValue name ? [name.GetValue<string>(), .. names] : names;
                var isMap = Maps.Any(map => path == map || path.EndsWith($".{map}", StringComparison.Ordinal));
                return item.SelectMany(field => Of(
                    field.Value!, $"{path}{(path.Length == 0 ? "" : ".")}{(isMap ? "*" : field.Key)}", isMap ? field.Key : key, around));
            case JsonArray list:
                return list.SelectMany(element => Of(element!, $"{path}[*]", key, names));
            default:
                return [new(path, node.ToString(), key, names)];
        }
    }

    [GeneratedRegex(@"\{([A-Za-z]+)\}")]
    private static partial Regex Hole();

    [GeneratedRegex("[^A-Za-z0-9]")]
    private static partial Regex NotOfIdentifier();
}
