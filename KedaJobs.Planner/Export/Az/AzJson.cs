using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Az;

/// <summary>
/// The body of a request to the management API, as a here-document of the shell with variables in it. Source:
/// Microsoft.App/jobs, API version 2025-07-01.
/// </summary>
internal sealed class AzJson(JobDefinition job, ShellVariables variables)
{
    public const string ApiVersion = "2025-07-01";

    // Private-use characters around a variable's name, until everything else has been quoted for
    // the shell. A plain one cannot hold a quote.
    private const char PlainStart = '\uE000';
    private const char GivenStart = '\uE001';
    private const char End = '\uE002';

    private bool _hasGiven;

    /// <summary>
    /// The shell function that the here-document calls for values that users give; empty where there are none. Known once it is written.
    /// </summary>
    public string Functions => !_hasGiven ? "" :
        """
        # A value inside a string of JSON.
        json() { printf '%s' "$1" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' | awk 'NR > 1 { printf "\\n" } { gsub(/\t/, "\\t"); printf "%s", $0 }'; }

        """.ReplaceLineEndings("\n");

    /// <summary>configuration.eventTriggerConfig with all rules.</summary>
    public JsonObject EventTrigger() => new()
    {
        ["parallelism"] = job.Execution.Parallelism,
        ["replicaCompletionCount"] = job.Execution.ReplicaCompletionCount,
        ["scale"] = new JsonObject
        {
            ["pollingInterval"] = job.Scale.PollingIntervalSeconds,
            ["minExecutions"] = job.Scale.MinExecutions,
            ["maxExecutions"] = job.Scale.MaxExecutions,
            ["rules"] = List(JobParts.Rules(job).Select(Rule)),
        },
    };

    /// <summary>configuration.identitySettings: identities that containers must not be able to use. Null where there are none.</summary>
    public JsonArray? HiddenIdentities() => JobParts.HiddenIdentities(job) is { Count: > 0 } hidden
        ? List(hidden.Select(identity => new JsonObject { ["identity"] = Identity(identity), ["lifecycle"] = "None" }))
        : null;

    public string Identity(string identity) =>
        identity == ScaleRuleDefinition.SystemIdentity ? identity : Variable(variables.IdentityName(identity));

    public string Text(DeployedText text) => variables.Known(text).Render(literal => literal, value =>
    {
        var isGiven = value is DeployedValue.Parameter or DeployedValue.Secret or DeployedValue.Output;
        _hasGiven |= isGiven;
        return Variable(variables.Name(value), isGiven ? GivenStart : PlainStart);
    });

    /// <summary>A variable of the script in a string.</summary>
    public static string Variable(string name, char start = PlainStart) => $"{start}{name}{End}";

    public static JsonArray List(IEnumerable<JsonNode?> nodes) => new([.. nodes]);

    public static string HereDocument(JsonObject body)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(
            buffer, new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            body.WriteTo(json);
        }

        var text = Encoding.UTF8.GetString(buffer.ToArray());
        foreach (var character in (char[])[PlainStart, GivenStart, End])
        {
            text = text.Replace($"\\u{(int)character:X4}", character.ToString(), StringComparison.Ordinal);
        }

        var quoted = new StringBuilder(text.Length);
        var isGiven = false;
        foreach (var character in text)
        {
            switch (character)
            {
                case '\\' or '$' or '`':
                    quoted.Append('\\').Append(character);
                    break;
                case PlainStart or GivenStart:
                    isGiven = character == GivenStart;
                    quoted.Append(isGiven ? "$(json \"${" : "${");
                    break;
                case End:
                    quoted.Append(isGiven ? "}\")" : "}");
                    break;
                default:
                    quoted.Append(character);
                    break;
            }
        }

        return quoted.ToString();
    }

    private JsonObject Rule(ExportedRule rule)
    {
        var metadata = new JsonObject();
        foreach (var (name, value) in rule.Metadata)
        {
            metadata[name] = Text(value);
        }

        var node = new JsonObject { ["name"] = rule.Name, ["type"] = rule.Type, ["metadata"] = metadata };
        if (rule.Identity is { } identity)
        {
            node["identity"] = Identity(identity);
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
}
