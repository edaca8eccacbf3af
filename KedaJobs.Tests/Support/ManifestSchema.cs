using System.Text.Json.Nodes;
using NJsonSchema;

namespace KedaJobs.Tests.Support;

/// <summary>The published JSON schema of AppHost manifests (it stands beside the project, see <see cref="SharedFactAttribute"/>).</summary>
internal static class ManifestSchema
{
    /// <returns>What is wrong with the manifest; nothing if it is valid.</returns>
    public static async Task<IReadOnlyList<string>> ErrorsAsync(JsonObject manifest)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Shared!, "data", "aspire-manifest.schema.json"));
        var schema = await JsonSchema.FromJsonAsync(Simplify(JsonNode.Parse(text))!.ToJsonString());
        return [.. schema.Validate(manifest.ToJsonString()).Select(error => error.ToString())];
    }

    // The validator knows neither "const" nor "false" as a schema; an enumeration of one and "not anything" say the same.
    private static JsonNode? Simplify(JsonNode? node, bool isSchema = true) => node switch
    {
        JsonArray array => new JsonArray([.. array.Select(item => Simplify(item))]),
        JsonObject @object => new JsonObject(@object.Select(property => property switch
        {
            { Key: "const", Value: { } value } when isSchema =>
                new KeyValuePair<string, JsonNode?>("enum", new JsonArray(value.DeepClone())),
            { Key: "properties" } when isSchema => new(property.Key, Simplify(property.Value, isSchema: false)),
            { Value: JsonValue value } when !isSchema && value.TryGetValue(out bool allowed) =>
                new(property.Key, allowed ? new JsonObject() : new JsonObject { ["not"] = new JsonObject() }),
            _ => new(property.Key, Simplify(property.Value)),
        })),
        _ => node?.DeepClone(),
    };
}
