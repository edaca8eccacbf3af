using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Publishing;

/// <summary>What <c>azd up</c> gets of our own AppHost.</summary>
public partial class AppHostPublishTests(PublishedAppHostFixture published) : IClassFixture<PublishedAppHostFixture>
{
    private const string DataOwner = "090c5cfd-751d-490a-894a-3ce6f1109419";
    private const string DataReceiver = "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0";
    private const string DataSender = "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39";

    [Fact]
    public void Publishing_exits_with_zero_and_starts_nothing()
    {
        Assert.True(published.ExitCode == 0, published.Output);
        Assert.DoesNotContain("listens on", published.Output, StringComparison.OrdinalIgnoreCase);
    }

    [SharedFact]
    public async Task Manifest_is_valid() => Assert.Empty(await ManifestSchema.ErrorsAsync(published.Manifest));

    [Fact]
    public void Every_project_has_its_own_deployment()
    {
        var projects = published.Resources.Where(
            resource => ((string)resource.Value!["type"]!).StartsWith("project.", StringComparison.Ordinal));

        Assert.Equal(["producer project.v1", "worker project.v1"], projects.Select(project => $"{project.Key} {project.Value!["type"]}"));
        Assert.All(projects, project => Assert.Equal("azure.bicep.v0", (string?)project.Value!["deployment"]?["type"]));
        Assert.DoesNotContain("{.outputs.", published.Manifest.ToJsonString(), StringComparison.Ordinal);
    }

    [BicepFact]
    public async Task Worker_is_an_event_triggered_job_with_the_declared_rule()
    {
        var job = await JobAsync();
        var configuration = job["properties"]!["configuration"]!.AsObject();

        Assert.Equal("Microsoft.App/jobs", (string?)job["type"]);
        ArmJson.AssertSame("""
            {
              "triggerType": "Event",
              "replicaTimeout": 600,
              "replicaRetryLimit": 1,
              "eventTriggerConfig": {
                "replicaCompletionCount": 1,
                "parallelism": 1,
                "scale": {
                  "pollingInterval": 30,
                  "minExecutions": 0,
                  "maxExecutions": 10,
                  "rules": [
                    {
                      "name": "worker",
                      "type": "azure-servicebus",
                      "metadata": {
                        "queueName": "jobs",
                        "namespace": "[parameters('messaging_outputs_name')]",
                        "messageCount": "5",
                        "activationMessageCount": "0"
                      },
                      "identity": "[parameters('worker_scaler_outputs_id')]"
                    }
                  ]
                }
              },
              "registries": [
                {
                  "server": "[parameters('env_outputs_azure_container_registry_endpoint')]",
                  "identity": "[parameters('env_outputs_azure_container_registry_managed_identity_id')]"
                }
              ],
              "identitySettings": [ { "identity": "[parameters('worker_scaler_outputs_id')]", "lifecycle": "None" } ]
            }
            """, configuration);
        ArmJson.AssertSame(
            """{ "cpu": "[json('0.5')]", "memory": "1Gi" }""", job["properties"]!["template"]!["containers"]![0]!["resources"]);
    }

    [BicepFact]
    public async Task Worker_has_three_identities_and_an_environment_without_keys()
    {
        var job = await JobAsync();

        ArmJson.AssertSame("""
            {
              "type": "UserAssigned",
              "userAssignedIdentities": {
                "[format('{0}', parameters('worker_identity_outputs_id'))]": {},
                "[format('{0}', parameters('env_outputs_azure_container_registry_managed_identity_id'))]": {},
                "[format('{0}', parameters('worker_scaler_outputs_id'))]": {}
              }
            }
            """, job["identity"]);
        Assert.Equal("[parameters('env_outputs_azure_container_apps_environment_id')]", (string?)job["properties"]!["environmentId"]);
        var container = Assert.Single(job["properties"]!["template"]!["containers"]!.AsArray())!;
        Assert.Equal("[parameters('worker_containerimage')]", (string?)container["image"]);
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
                ["QueueJob__MaxAttempts"] = "5",
                ["QueueJob__DuplicateDetection"] = "false",
                ["AZURE_CLIENT_ID"] = "[parameters('worker_identity_outputs_clientid')]",
                ["AZURE_TOKEN_CREDENTIALS"] = "ManagedIdentityCredential",
            },
            container["env"]!.AsArray().ToDictionary(variable => (string)variable!["name"]!, variable => (string?)variable!["value"]));
    }

    [BicepFact]
    public async Task Identities_have_the_narrowest_roles_that_work()
    {
        var templates = await BicepCompiler.CompileAsync(published.Folder);

        Assert.Equal([DataOwner], ArmJson.RoleIds(templates["worker-scaler-roles-messaging.module"]));
        Assert.Equal([DataReceiver, DataSender], ArmJson.RoleIds(templates["worker-roles-messaging.module"]));
        Assert.Equal([DataReceiver, DataSender], ArmJson.RoleIds(templates["producer-roles-messaging.module"]));
    }

    [BicepFact]
    public async Task Nothing_published_is_secret()
    {
        var templates = await BicepCompiler.CompileAsync(published.Folder);
        var everything = string.Join('\n', templates.Values.Select(template => template.ToJsonString(ArmJson.Relaxed))
            .Append(published.Manifest.ToJsonString())
            .Append(await File.ReadAllTextAsync(Path.Combine(published.Folder, "jobs", "worker.json"))));

        Assert.DoesNotMatch(Secret(), everything);
        // The environment itself reads its log workspace's key while it is deployed; nothing that runs gets a key.
        Assert.All(templates.Where(template => template.Key != "env.module"),
            template => Assert.DoesNotContain(
                "listKeys", template.Value.ToJsonString(ArmJson.Relaxed), StringComparison.OrdinalIgnoreCase));
        Assert.True((bool?)ArmJson.Resources(templates["messaging.module"])
            .Single(resource => (string?)resource["type"] == "Microsoft.ServiceBus/namespaces")["properties"]!["disableLocalAuth"]);
    }

    [Fact]
    public async Task Wrong_declaration_stops_publishing_with_its_code()
    {
        var manifest = Path.Combine(published.Folder, "wrong", "manifest.json");

        var (exitCode, output) = await PublishedAppHostFixture.PublishAsync(manifest, "--KedaJobs:Jobs:worker:MessageCount=0");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("KJ003 worker: MessageCount is 0", output, StringComparison.Ordinal);
        Assert.False(File.Exists(manifest));
    }

    private async Task<JsonObject> JobAsync()
    {
        var templates = await BicepCompiler.CompileAsync(published.Folder);
        return ArmJson.Resources(templates["worker-containerapp.module"])
            .Single(resource => (string?)resource["type"] == "Microsoft.App/jobs");
    }

    [GeneratedRegex("SharedAccessKey|AccountKey|\"secrets\"|secretRef|SAS_KEY_VALUE|password", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();
}
