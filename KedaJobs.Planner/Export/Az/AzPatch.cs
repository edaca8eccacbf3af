using System.Text.Json.Nodes;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Az;

/// <summary>
/// What <c>az containerapp job create</c> has no flags for, as one update: more than one rule, and identities that containers must not use.
/// </summary>
internal static class AzPatch
{
    public static bool IsNeeded(JobDefinition job) => HasFurtherRules(job) || JobParts.HiddenIdentities(job).Count > 0;

    private static bool HasFurtherRules(JobDefinition job) => JobParts.Rules(job).Count > 1;

    public static string Write(JobDefinition job, ShellVariables variables)
    {
        var json = new AzJson(job, variables);
        var configuration = new JsonObject
        {
            // The API wants these two in every update of the configuration.
            ["triggerType"] = job.TriggerType.ToString(),
            ["replicaTimeout"] = job.Execution.ReplicaTimeoutSeconds,
        };
        if (HasFurtherRules(job))
        {
            configuration["eventTriggerConfig"] = json.EventTrigger();
        }

        if (json.HiddenIdentities() is { } hidden)
        {
            configuration["identitySettings"] = hidden;
        }

        var body = new JsonObject { ["properties"] = new JsonObject { ["configuration"] = configuration } };
        var what = HasFurtherRules(job) ? "Further scale rules" : "Identities that the containers cannot use";
        var show = $"az containerapp job show --name {job.Name} --resource-group \"${{RESOURCE_GROUP}}\"";
        return
            $$"""
            # {{what}}: the command above has no flags for them.
            {{json.Functions}}az rest --method patch \
              --url "$({{show}} --query id --output tsv)?api-version={{AzJson.ApiVersion}}" \
              --body @- <<JSON
            {{AzJson.HereDocument(body)}}
            JSON

            """.ReplaceLineEndings("\n");
    }
}
