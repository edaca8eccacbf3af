using System.Text.Json.Nodes;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Offline;

/// <summary>The small model published: manifest and modules as the real publisher lays them out, compiled by the real compiler.</summary>
public class AzurePublishTests(AzurePublishFixture fixture) : IClassFixture<AzurePublishFixture>
{
    private readonly Published _published = fixture.Published;

    [Fact]
    public void The_manifest_lists_what_is_deployed_in_order() => Assert.Equal(
        [
            ("env-acr", "azure.bicep.v0"),
            ("env", "azure.bicep.v0"),
            ("messaging", "azure.bicep.v0"),
            ("jobs", "value.v0"),
            ("results", "value.v0"),
            ("producer", "project.v1"),
            ("worker-scaler", "azure.bicep.v0"),
            ("worker", "project.v1"),
            ("producer-identity", "azure.bicep.v0"),
            ("producer-roles-messaging", "azure.bicep.v0"),
            ("worker-identity", "azure.bicep.v0"),
            ("worker-roles-messaging", "azure.bicep.v0"),
            ("worker-scaler-roles-messaging", "azure.bicep.v0"),
        ],
        _published.Resources.Select(resource => (resource.Key, (string)resource.Value!["type"]!)));

    [SharedFact]
    public async Task The_manifest_is_valid() => Assert.Empty(await ManifestSchema.ErrorsAsync(_published.Manifest));

    [SharedFact]
    public async Task The_schema_does_tell_a_wrong_manifest()
    {
        var manifest = _published.Manifest.DeepClone().AsObject();
        manifest["resources"]!["worker"]!["deployment"]!["type"] = "azure.bicep.v9";
        var doubled = _published.Manifest.DeepClone().AsObject();
        doubled["resources"]!["jobs"]!["unknown"] = "";

        Assert.NotEmpty(await ManifestSchema.ErrorsAsync(manifest));
        Assert.NotEmpty(await ManifestSchema.ErrorsAsync(doubled));
    }

    [Fact]
    public void The_manifest_makes_no_deployer_take_over_the_infrastructure() =>
        Assert.DoesNotContain("{.outputs.", _published.Manifest.ToJsonString());

    [Fact]
    public void Every_module_of_the_manifest_is_there_and_no_other()
    {
        var named = _published.Resources.SelectMany(resource => new[] { resource.Value, resource.Value!["deployment"] })
            .Where(node => ((string?)node?["type"])?.StartsWith("azure.bicep", StringComparison.Ordinal) == true)
            .Select(node => (string)node!["path"]!);

        Assert.Equal(Directory.EnumerateFiles(_published.Folder, "*.bicep").Select(Path.GetFileName).Order(), named.Order());
    }

    [Fact]
    public void Connection_strings_are_placeholders()
    {
        Assert.Equal("{messaging.outputs.serviceBusEndpoint}", (string?)_published.Resources["messaging"]!["connectionString"]);
        Assert.Equal("Endpoint={messaging.outputs.serviceBusEndpoint};EntityPath=jobs",
            (string?)_published.Resources["jobs"]!["connectionString"]);
    }

    [Fact]
    public void The_job_is_told_where_everything_is()
    {
        var worker = _published.Resources["worker"]!;

        Assert.Equal(
            """
            {"env_outputs_azure_container_apps_environment_default_domain":"{env.outputs.AZURE_CONTAINER_APPS_ENVIRONMENT_DEFAULT_DOMAIN}",
            "env_outputs_azure_container_apps_environment_id":"{env.outputs.AZURE_CONTAINER_APPS_ENVIRONMENT_ID}",
            "env_outputs_azure_container_registry_endpoint":"{env.outputs.AZURE_CONTAINER_REGISTRY_ENDPOINT}",
            "env_outputs_azure_container_registry_managed_identity_id":"{env.outputs.AZURE_CONTAINER_REGISTRY_MANAGED_IDENTITY_ID}",
            "worker_containerimage":"{worker.containerImage}",
            "worker_identity_outputs_id":"{worker-identity.outputs.id}",
            "messaging_outputs_servicebusendpoint":"{messaging.outputs.serviceBusEndpoint}",
            "messaging_outputs_servicebushostname":"{messaging.outputs.serviceBusHostName}",
            "worker_identity_outputs_clientid":"{worker-identity.outputs.clientId}",
            "worker_scaler_outputs_id":"{worker-scaler.outputs.id}",
            "messaging_outputs_name":"{messaging.outputs.name}"}
            """.ReplaceLineEndings(""), worker["deployment"]!["params"]!.ToJsonString(ArmJson.Relaxed));
        Assert.Null(worker["bindings"]);
        Assert.Equal("jobs", (string?)worker["env"]!["JOBS_QUEUENAME"]);
        Assert.Equal("{jobs.connectionString}", (string?)worker["env"]!["ConnectionStrings__jobs"]);
    }

    [BicepFact]
    public async Task The_compiler_accepts_every_module()
    {
        var templates = await fixture.TemplatesAsync();

        Assert.Equal(Directory.EnumerateFiles(_published.Folder, "*.bicep").Count(), templates.Count);
    }

    [BicepFact]
    public async Task The_job_is_triggered_by_its_queue_under_an_identity_of_the_rule_alone()
    {
        var job = await ResourceAsync("worker-containerapp", "Microsoft.App/jobs");

        Assert.Equal(
            """
            {"triggerType":"Event","replicaTimeout":600,"replicaRetryLimit":1,
            "eventTriggerConfig":{"replicaCompletionCount":1,"parallelism":1,"scale":{"pollingInterval":30,"minExecutions":0,"maxExecutions":10,
            "rules":[{"name":"jobs","type":"azure-servicebus",
            "metadata":{"queueName":"jobs","namespace":"[parameters('messaging_outputs_name')]","messageCount":"5"},
            "identity":"[parameters('worker_scaler_outputs_id')]"}]}},
            "registries":[{"server":"[parameters('env_outputs_azure_container_registry_endpoint')]",
            "identity":"[parameters('env_outputs_azure_container_registry_managed_identity_id')]"}],
            "identitySettings":[{"identity":"[parameters('worker_scaler_outputs_id')]","lifecycle":"None"}]}
            """.ReplaceLineEndings(""), job["properties"]!["configuration"]!.ToJsonString(ArmJson.Relaxed));
        Assert.Equal("[parameters('env_outputs_azure_container_apps_environment_id')]", (string?)job["properties"]!["environmentId"]);
        Assert.Equal(
            """
            {"type":"UserAssigned","userAssignedIdentities":{"[format('{0}', parameters('worker_identity_outputs_id'))]":{},
            "[format('{0}', parameters('env_outputs_azure_container_registry_managed_identity_id'))]":{},
            "[format('{0}', parameters('worker_scaler_outputs_id'))]":{}}}
            """.ReplaceLineEndings(""), job["identity"]!.ToJsonString(ArmJson.Relaxed));
    }

    [BicepFact]
    public async Task The_jobs_container_gets_addresses_and_an_identity_but_no_secret()
    {
        var job = await ResourceAsync("worker-containerapp", "Microsoft.App/jobs");

        var container = Assert.Single(job["properties"]!["template"]!["containers"]!.AsArray())!;
        Assert.Equal("[parameters('worker_containerimage')]", (string?)container["image"]);
        Assert.Equal("""{"cpu":"[json('0.5')]","memory":"1Gi"}""", container["resources"]!.ToJsonString(ArmJson.Relaxed));
        Assert.Equal(
            new Dictionary<string, string?>
            {
                ["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory",
                ["ConnectionStrings__jobs"] =
                    "[format('Endpoint={0};EntityPath=jobs', parameters('messaging_outputs_servicebusendpoint'))]",
                ["JOBS_HOST"] = "[parameters('messaging_outputs_servicebushostname')]",
                ["JOBS_URI"] = "[parameters('messaging_outputs_servicebusendpoint')]",
                ["JOBS_QUEUENAME"] = "jobs",
                ["ConnectionStrings__results"] =
                    "[format('Endpoint={0};EntityPath=results', parameters('messaging_outputs_servicebusendpoint'))]",
                ["RESULTS_HOST"] = "[parameters('messaging_outputs_servicebushostname')]",
                ["RESULTS_URI"] = "[parameters('messaging_outputs_servicebusendpoint')]",
                ["RESULTS_QUEUENAME"] = "results",
                ["QueueJob__ReplicaTimeout"] = "00:10:00",
                ["AZURE_CLIENT_ID"] = "[parameters('worker_identity_outputs_clientid')]",
                ["AZURE_TOKEN_CREDENTIALS"] = "ManagedIdentityCredential",
            },
            container["env"]!.AsArray().ToDictionary(variable => (string)variable!["name"]!, variable => (string?)variable!["value"]));
    }

    [BicepFact]
    public async Task The_web_project_is_an_application_with_an_ingress()
    {
        var app = await ResourceAsync("producer-containerapp", "Microsoft.App/containerApps");

        var configuration = app["properties"]!["configuration"]!;
        Assert.Equal("""{"external":true,"targetPort":"[int(parameters('producer_containerport'))]","transport":"http"}""",
            configuration["ingress"]!.ToJsonString(ArmJson.Relaxed));
        Assert.Equal("Single", (string?)configuration["activeRevisionsMode"]);
        Assert.True((bool)configuration["runtime"]!["dotnet"]!["autoConfigureDataProtection"]!);
        Assert.Equal(1, (int)app["properties"]!["template"]!["scale"]!["minReplicas"]!);
        var environment = app["properties"]!["template"]!["containers"]![0]!["env"]!.AsArray();
        Assert.Equal(["true", "[parameters('producer_containerport')]"],
            environment.Where(variable => (string?)variable!["name"] is "ASPNETCORE_FORWARDEDHEADERS_ENABLED" or "HTTP_PORTS")
                .Select(variable => (string?)variable!["value"]));
    }

    [BicepFact]
    public async Task Nothing_that_is_published_is_a_secret()
    {
        foreach (var (module, template) in await fixture.TemplatesAsync())
        {
            var text = template.ToJsonString(ArmJson.Relaxed);
            Assert.DoesNotContain("SharedAccessKey", text);
            Assert.DoesNotContain("secureString", text);
            Assert.DoesNotContain("\"secrets\"", text);
            // The environment reads the key of its own log workspace while it is deployed; no other module may list keys.
            Assert.Equal(module == "env.module", text.Contains("listKeys", StringComparison.OrdinalIgnoreCase));
        }
    }

    [BicepFact]
    public async Task Each_identity_has_exactly_its_roles()
    {
        Assert.Equal(["090c5cfd-751d-490a-894a-3ce6f1109419"], await RolesAsync("producer-roles-messaging"));
        Assert.Equal(["090c5cfd-751d-490a-894a-3ce6f1109419"], await RolesAsync("worker-scaler-roles-messaging"));
        Assert.Equal(
            ["4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0", "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39"], await RolesAsync("worker-roles-messaging"));
        Assert.Equal(["7f951dda-4ed3-4680-a7ca-43fe172d538d"], await RolesAsync("env"));
        Assert.Equal("{worker-scaler.outputs.principalId}",
            (string?)_published.Resources["worker-scaler-roles-messaging"]!["params"]!["principalId"]);
    }

    [BicepFact]
    public async Task The_environment_tells_the_applications_what_they_need()
    {
        var template = (await fixture.TemplatesAsync())["env.module"];

        Assert.Equal(
            [
                "AZURE_CONTAINER_APPS_ENVIRONMENT_DEFAULT_DOMAIN",
                "AZURE_CONTAINER_APPS_ENVIRONMENT_ID",
                "AZURE_CONTAINER_APPS_ENVIRONMENT_NAME",
                "AZURE_CONTAINER_REGISTRY_ENDPOINT",
                "AZURE_CONTAINER_REGISTRY_MANAGED_IDENTITY_ID",
                "AZURE_CONTAINER_REGISTRY_NAME",
                "AZURE_LOG_ANALYTICS_WORKSPACE_ID",
                "AZURE_LOG_ANALYTICS_WORKSPACE_NAME",
            ],
            template["outputs"]!.AsObject().Select(output => output.Key).Order(StringComparer.Ordinal));
        Assert.Equal(
            [
                "Microsoft.App/managedEnvironments",
                "Microsoft.App/managedEnvironments/dotNetComponents",
                "Microsoft.Authorization/roleAssignments",
                "Microsoft.ManagedIdentity/userAssignedIdentities",
                "Microsoft.OperationalInsights/workspaces",
            ],
            ArmJson.Resources(template).Select(resource => (string)resource["type"]!).Order(StringComparer.Ordinal));
    }

    private async Task<JsonObject> ResourceAsync(string module, string type) =>
        Assert.Single(
            ArmJson.Resources((await fixture.TemplatesAsync())[$"{module}.module"]), resource => (string?)resource["type"] == type);

    private async Task<IEnumerable<string>> RolesAsync(string module) =>
        ArmJson.Resources((await fixture.TemplatesAsync())[$"{module}.module"])
            .Where(resource => (string?)resource["type"] == "Microsoft.Authorization/roleAssignments")
            .Select(resource => ((string)resource["properties"]!["roleDefinitionId"]!).Split('\'')[3]);
}
