using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Az;

/// <summary>
/// What the flags of <c>az containerapp job create</c> cannot say: more than one rule, and identities that containers must not use. Written as
/// one update over the management API. Source: Microsoft.App/jobs, API version 2025-07-01.
/// </summary>
internal static class AzPatch
{
    // Private-use characters around a variable's name, until everything else has been quoted for the shell.
    private const char VariableStart = '\uE000';
    private const char VariableEnd = '\uE001';

    public static string Write(JobDefinition job, Variables variables)
    {
        var configuration = new JsonObject
        {
            // The API wants these two in every update of the configuration.
            ["triggerType"] = "Event",
            ["replicaTimeout"] = job.Execution.ReplicaTimeoutSeconds,
        };
        if (job.Rules.Count > 0)
        {
            configuration["eventTriggerConfig"] = EventTrigger(job, variables);
        }

        if (JobParts.HiddenIdentities(job) is { Count: > 0 } hidden)
        {
            configuration["identitySettings"] = List(hidden.Select(identity => new JsonObject
            {
                ["identity"] = IdentityText(identity, variables),
                ["lifecycle"] = "None",
            }));
        }

        var body = new JsonObject { ["properties"] = new JsonObject { ["configuration"] = configuration } };
        var what = job.Rules.Count > 0 ? "Further scale rules" : "Identities that the containers cannot use";
        return
            $$"""
            # {{what}}: the command above has no flags for them.
            az rest --method patch \
              --url "$(az containerapp job show --name {{job.Name}} --resource-group "${RESOURCE_GROUP}" --query id --output tsv)?api-version=2025-07-01" \
              --body @- <<JSON
            {{HereDocument(body)}}
            JSON

            """.ReplaceLineEndings("\n");
    }

    private static JsonObject EventTrigger(JobDefinition job, Variables variables) => new()
    {
        ["parallelism"] = job.Execution.Parallelism,
        ["replicaCompletionCount"] = job.Execution.ReplicaCompletionCount,
        ["scale"] = new JsonObject
        {
            ["pollingInterval"] = job.Scale.PollingIntervalSeconds,
            ["minExecutions"] = job.Scale.MinExecutions,
            ["maxExecutions"] = job.Scale.MaxExecutions,
            ["rules"] = List(JobParts.Rules(job).Select(rule => Rule(rule, variables))),
        },
    };

    private static JsonObject Rule(ExportedRule rule, Variables variables)
    {
        var metadata = new JsonObject();
        foreach (var (name, value) in rule.Metadata)
        {
            metadata[name] = value.Render(literal => literal, deployed => Variable(variables.Name(deployed)));
        }

        var node = new JsonObject { ["name"] = rule.Name, ["type"] = rule.Type, ["metadata"] = metadata };
        if (rule.Identity is { } identity)
        {
            node["identity"] = IdentityText(identity, variables);
        }

        if (rule.Auth.Count > 0)
        {
            node["auth"] = List(rule.Auth.Select(auth => new JsonObject
            {
                ["secretRef"] = auth.SecretRef,
                ["triggerParameter"] = auth.TriggerParameter,
            }));
        }

        return node;
    }

    private static JsonArray List(IEnumerable<JsonNode> nodes) => new([.. nodes]);

    private static string IdentityText(string identity, Variables variables) =>
        identity == ScaleRuleDefinition.SystemIdentity ? identity : Variable(variables.IdentityName(identity));

    private static string Variable(string name) => $"{VariableStart}{name}{VariableEnd}";

    private static string HereDocument(JsonObject body)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            body.WriteTo(json);
        }

        return Encoding.UTF8.GetString(buffer.ToArray())
            .Replace(Escaped(VariableStart), VariableStart.ToString(), StringComparison.Ordinal)
            .Replace(Escaped(VariableEnd), VariableEnd.ToString(), StringComparison.Ordinal)
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("$", "\\$", StringComparison.Ordinal)
            .Replace("`", "\\`", StringComparison.Ordinal)
            .Replace(VariableStart.ToString(), "${", StringComparison.Ordinal)
            .Replace(VariableEnd.ToString(), "}", StringComparison.Ordinal);
    }

    private static string Escaped(char character) => $"\\u{(int)character:X4}";
}
