using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KedaJobs.Tests.Support;

/// <summary>ARM templates as the Bicep compiler writes them.</summary>
internal static class ArmJson
{
    /// <summary>Keeps apostrophes and braces of template expressions readable.</summary>
    public static JsonSerializerOptions Relaxed { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The ids of the roles that a template assigns, in their order as text.</summary>
    public static IEnumerable<string> RoleIds(JsonObject template) => Resources(template)
        .Where(resource => (string?)resource["type"] == "Microsoft.Authorization/roleAssignments")
        .Select(resource => ((string)resource["properties"]!["roleDefinitionId"]!).Split('\'')[3])
        .Order(StringComparer.Ordinal);

    /// <summary>Compares as JSON: spacing and the order of names do not count.</summary>
    public static void AssertSame(string expected, JsonNode? actual)
    {
        var wanted = JsonNode.Parse(expected);
        Assert.True(
            JsonNode.DeepEquals(wanted, actual), $"expected {wanted!.ToJsonString(Relaxed)}\nbut was  {actual?.ToJsonString(Relaxed)}");
    }

    /// <summary>The resources, whether the template lists them or names them by their symbols.</summary>
    public static IEnumerable<JsonObject> Resources(JsonObject template) => template["resources"] switch
    {
        JsonArray list => list.Select(resource => resource!.AsObject()),
        JsonObject named => named.Select(resource => resource.Value!.AsObject()),
        _ => [],
    };
}
