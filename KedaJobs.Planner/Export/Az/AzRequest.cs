using System.Text.Json.Nodes;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Planner.Export.Az;

/// <summary>
/// The whole job as one request to the management API, where a flag of <c>az containerapp job create</c> would not take a value as it is.
/// Nothing of the job runs before all of it is there. Source: Microsoft.App/jobs, and the reference of az rest and az resource wait.
/// </summary>
internal static class AzRequest
{
    public static string Write(JobDefinition job, ExportOptions options, ShellVariables variables, IReadOnlyList<string> obstacles)
    {
        var json = new AzJson(job, variables);
        var group = AzCreate.Word(variables.Use("RESOURCE_GROUP", "name of the resource group"));
        var environment = AzCreate.Word(variables.Use("CONTAINERAPPS_ENVIRONMENT", "name of the Container Apps environment"));
        var properties = new JsonObject
        {
            ["environmentId"] = AzJson.Variable("ENVIRONMENT_ID"),
            ["configuration"] = Configuration(job, options, json),
            ["template"] = new JsonObject { ["containers"] = AzJson.List([Container(job, options, json)]) },
        };
        if (job.WorkloadProfile is { } profile)
        {
            properties["workloadProfileName"] = profile;
        }

        var body = new JsonObject { ["location"] = AzJson.Variable("LOCATION"), ["properties"] = properties };
        if (Identity(job, options, json) is { } identity)
        {
            body["identity"] = identity;
        }

        var document = AzJson.HereDocument(body);
        var show = $"az containerapp env show --name {environment} --resource-group {group}";
        var path = $"/subscriptions/{{subscriptionId}}/resourceGroups/${{RESOURCE_GROUP}}/providers/Microsoft.App/jobs/{job.Name}";
        var wait = $"az resource wait --created --resource-group {group} --resource-type Microsoft.App/jobs --name {job.Name}";
        return
            $$"""
            # One request, because az containerapp job create cannot take all values: {{string.Join("; ", obstacles)}}.
            {{json.Functions}}LOCATION="$({{show}} --query location --output tsv)"
            ENVIRONMENT_ID="$({{show}} --query id --output tsv)"
            az rest --method put \
              --url "{{path}}?api-version={{AzJson.ApiVersion}}" \
              --body @- <<JSON
            {{document}}
            JSON
            {{wait}} --api-version {{AzJson.ApiVersion}}

            """.ReplaceLineEndings("\n");
    }

    private static JsonObject Configuration(JobDefinition job, ExportOptions options, AzJson json)
    {
        var configuration = new JsonObject
        {
            ["triggerType"] = job.TriggerType.ToString(),
            ["replicaTimeout"] = job.Execution.ReplicaTimeoutSeconds,
            ["replicaRetryLimit"] = job.Execution.ReplicaRetryLimit,
        };
        var counts = new JsonObject
        {
            ["parallelism"] = job.Execution.Parallelism,
            ["replicaCompletionCount"] = job.Execution.ReplicaCompletionCount,
        };
        switch (job.TriggerType)
        {
            case JobTriggerType.Event:
                configuration["eventTriggerConfig"] = json.EventTrigger();
                break;
            case JobTriggerType.Schedule:
                counts["cronExpression"] = job.Schedule;
                configuration["scheduleTriggerConfig"] = counts;
                break;
            default:
                configuration["manualTriggerConfig"] = counts;
                break;
        }

        if (!JobParts.Image(job, options).IsFixed)
        {
            configuration["registries"] = AzJson.List(
            [
                new JsonObject
                {
                    ["server"] = json.Text(DeployedText.Of(new DeployedValue.RegistryServer())),
                    ["identity"] = json.Identity(JobParts.WorkerIdentity(job) ?? ScaleRuleDefinition.SystemIdentity),
                },
            ]);
        }

        if (JobSecret.Of(job) is { Count: > 0 } secrets)
        {
            configuration["secrets"] = AzJson.List(secrets.Select(secret => new JsonObject
            {
                ["name"] = secret.Name,
                ["value"] = json.Text(JobParts.Text(job, secret.Value)),
            }));
        }

        if (json.HiddenIdentities() is { } hidden)
        {
            configuration["identitySettings"] = hidden;
        }

        return configuration;
    }

    private static JsonObject Container(JobDefinition job, ExportOptions options, AzJson json)
    {
        var container = new JsonObject
        {
            ["name"] = job.Name,
            ["image"] = json.Text(JobParts.Image(job, options)),
            ["resources"] = new JsonObject { ["cpu"] = job.Resources.CpuCores, ["memory"] = JobParts.Memory(job) },
            ["env"] = AzJson.List(JobParts.ContainerAppEnvironment(job).Select(variable => variable.Value.HasSecret
                ? new JsonObject { ["name"] = variable.Key, ["secretRef"] = SecretNames.OfVariable(variable.Key) }
                : new JsonObject { ["name"] = variable.Key, ["value"] = json.Text(variable.Value) })),
        };
        if (JobParts.Command(job) is { Count: > 0 } command)
        {
            container["command"] = AzJson.List(command.Select(word => (JsonNode)json.Text(word)));
        }

        if (JobParts.Arguments(job) is { Count: > 0 } arguments)
        {
            container["args"] = AzJson.List(arguments.Select(word => (JsonNode)json.Text(word)));
        }

        return container;
    }

    private static JsonObject? Identity(JobDefinition job, ExportOptions options, AzJson json)
    {
        var system = JobParts.UsesSystemIdentity(job) || (JobParts.WorkerIdentity(job) is null && !JobParts.Image(job, options).IsFixed);
        if (job.Identities.Count == 0)
        {
            return system ? new JsonObject { ["type"] = "SystemAssigned" } : null;
        }

        var users = new JsonObject();
        foreach (var identity in job.Identities)
        {
            users[json.Identity(identity.Name)] = new JsonObject();
        }

        return new() { ["type"] = system ? "SystemAssigned,UserAssigned" : "UserAssigned", ["userAssignedIdentities"] = users };
    }
}
