using System.Text.Json.Nodes;
using KedaJobs.Planner.Export.Keda;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Scaling.Definitions;
using KedaJobs.Tests.Support;
using NJsonSchema;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace KedaJobs.Tests.Planner.Export;

/// <summary>The YAML against the schemas that KEDA installs in a cluster (they stand beside the project).</summary>
public class KedaSchemaTests
{
    [SharedFact]
    public async Task Worker_IsValid() => Assert.Empty(await ErrorsAsync(KedaExport.Write(Samples.Worker, new())));

    [SharedFact]
    public async Task Everything_IsValid() => Assert.Empty(await ErrorsAsync(KedaExport.Write(Samples.Everything, new())));

    [SharedFact]
    public async Task SystemIdentity_IsValid()
    {
        var job = Samples.Worker with { Rules = [new() { Name = "odd", Type = "azure-queue", Identity = ScaleRuleDefinition.SystemIdentity }] };

        Assert.Empty(await ErrorsAsync(KedaExport.Write(job, new())));
    }

    /// <summary>The validator itself: what a cluster would refuse or drop is found.</summary>
    [SharedFact]
    public async Task WrongYaml_IsFound()
    {
        var yaml = KedaExport.Write(Samples.Worker, new());
        foreach (var (replaced, by) in ((string, string)[])[
            ("maxReplicaCount: 10", "maxReplicaCount: \"10\""),
            ("maxReplicaCount: 10", "maxReplicas: 10"),
            ("messageCount: \"5\"", "messageCount: 5"),
            ("backoffLimit: 1", "backOffLimit: 1"),
            ("strategy: default", "strategy: lazy"),
            ("provider: azure-workload", "provider: azure"),
            ("terminationGracePeriodSeconds: 30", "terminationGracePeriod: 30"),
            ("fieldPath: \"metadata.name\"", "fieldpath: \"metadata.name\"")])
        {
            Assert.Contains(replaced, yaml, StringComparison.Ordinal);
            var errors = await ErrorsAsync(yaml.Replace(replaced, by, StringComparison.Ordinal));
            Assert.True(errors.Count > 0, by);
        }
    }

    private static async Task<IReadOnlyList<string>> ErrorsAsync(string yaml)
    {
        List<string> errors = [];
        var checkedKinds = 0;
        foreach (var document in Documents(yaml))
        {
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
            errors.AddRange((await JsonSchema.FromJsonAsync(schema.ToJsonString())).Validate(document.ToJsonString()).Select(error => error.ToString()));
        }

        Assert.True(checkedKinds >= 2);
        return errors;
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
