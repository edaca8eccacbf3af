using System.Text.Json.Nodes;
using KedaJobs.Tests.Support;
using NJsonSchema;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace KedaJobs.Tests.Planner.Export;

/// <summary>The schemas that KEDA installs in a cluster (they stand beside the project, see <see cref="SharedFactAttribute"/>).</summary>
internal static class KedaSchemas
{
    /// <returns>What a cluster would refuse or drop of the documents; nothing if they are valid.</returns>
    public static async Task<IReadOnlyList<string>> ErrorsAsync(string yaml)
    {
        List<string> errors = [];
        var checkedKinds = 0;
        foreach (var document in Documents(yaml))
        {
            if (document["kind"]!.GetValue<string>() == "CronJob")
            {
                checkedKinds++;
                errors.AddRange(await CronJobErrorsAsync(document));
                continue;
            }

            var file = document["kind"]!.GetValue<string>() switch
            {
                "ScaledJob" => "keda.sh_scaledjobs.crd.yaml",
                "TriggerAuthentication" => "keda.sh_triggerauthentications.crd.yaml",
                _ => null,
            };
            if (file is null)
            {
                continue;
            }

            checkedKinds++;
            var definition = Documents(await File.ReadAllTextAsync(Path.Combine(Repository.Shared!, "data", file))).Single();
            var schema = Strict(definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!);
            errors.AddRange((await JsonSchema.FromJsonAsync(schema.ToJsonString())).Validate(document.ToJsonString())
                .Select(error => error.ToString()));
        }

        Assert.True(checkedKinds >= 1);
        return errors;
    }

    /// <summary>A CronJob's own fields (Kubernetes, batch/v1), and its template, which is the Job that a ScaledJob has, too.</summary>
    private static async Task<IEnumerable<string>> CronJobErrorsAsync(JsonNode document)
    {
        var scaledJob = Documents(await File.ReadAllTextAsync(Path.Combine(Repository.Shared!, "data", "keda.sh_scaledjobs.crd.yaml")))
            .Single();
        var job = scaledJob["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["properties"]!["jobTargetRef"]!
            .ToJsonString();
        var schema = $$"""
            {
              "type": "object", "required": ["apiVersion", "kind", "metadata", "spec"],
              "properties": {
                "apiVersion": { "type": "string", "enum": ["batch/v1"] }, "kind": { "type": "string" },
                "metadata": { "type": "object", "required": ["name"], "properties": { "name": { "type": "string", "maxLength": 52 } } },
                "spec": {
                  "type": "object", "required": ["schedule", "jobTemplate"],
                  "properties": {
                    "schedule": { "type": "string", "pattern": "^(\\S+ ){4}\\S+$" }, "timeZone": { "type": "string", "enum": ["Etc/UTC"] }, "suspend": { "type": "boolean" },
                    "concurrencyPolicy": { "type": "string", "enum": ["Allow", "Forbid", "Replace"] }, "startingDeadlineSeconds": { "type": "integer" },
                    "successfulJobsHistoryLimit": { "type": "integer", "minimum": 0 }, "failedJobsHistoryLimit": { "type": "integer", "minimum": 0 },
                    "jobTemplate": { "type": "object", "required": ["spec"], "properties": { "spec": {{job}} } }
                  }
                }
              }
            }
            """;
        return (await JsonSchema.FromJsonAsync(Strict(JsonNode.Parse(schema)!).ToJsonString())).Validate(document.ToJsonString())
            .Select(error => error.ToString());
    }

    // A cluster drops fields that a schema does not name; here they are errors. The resource's metadata is the cluster's own affair.
    private static JsonNode Strict(JsonNode schema)
    {
        if (schema is JsonObject @object)
        {
            foreach (var child in @object.Select(property => property.Value).OfType<JsonNode>().ToList())
            {
                Strict(child);
            }

            if (@object["properties"] is JsonObject { Count: > 0 } && @object["x-kubernetes-preserve-unknown-fields"] is null)
            {
                @object["additionalProperties"] ??= false;
            }
        }
        else if (schema is JsonArray array)
        {
            foreach (var item in array.OfType<JsonNode>())
            {
                Strict(item);
            }
        }

        return schema;
    }

    private static List<JsonNode> Documents(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return [.. stream.Documents.Select(document => ToJson(document.RootNode)!)];
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(child => KeyValuePair.Create(child.Key.ToString(), ToJson(child.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } scalar => JsonValue.Create(scalar.Value == "true"),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar when long.TryParse(scalar.Value, out var number) => JsonValue.Create(number),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => throw new NotSupportedException(node.GetType().Name),
    };
}
