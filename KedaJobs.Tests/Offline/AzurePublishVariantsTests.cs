using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning;
using Azure.Provisioning.AppContainers;
using Azure.Provisioning.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Offline;

/// <summary>What else an AppHost may declare, each a small model of its own.</summary>
public class AzurePublishVariantsTests
{
    [Fact]
    public async Task Without_an_environment_the_roles_go_to_whoever_deploys()
    {
        using var published = await Published.FromAsync(builder =>
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
                .WithReference(builder.AddAzureServiceBus("messaging").AddServiceBusQueue("jobs")));

        Assert.Equal("project.v0", (string?)published.Resources["worker"]!["type"]);
        Assert.Equal(["worker", "messaging", "jobs", "messaging-roles"], published.Resources.Select(resource => resource.Key));
        Assert.Equal("""{"messaging_outputs_name":"{messaging.outputs.name}","principalType":"","principalId":""}""",
            published.Resources["messaging-roles"]!["params"]!.ToJsonString(ArmJson.Relaxed));
        Assert.Contains("principalType: principalType", published.Module("messaging-roles"));
    }

    [Fact]
    public async Task Roles_of_a_resource_without_an_environment_are_refused()
    {
        var error = await Published.FailsAsync<InvalidOperationException>(builder =>
        {
            var messaging = builder.AddAzureServiceBus("messaging");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
                .WithReference(messaging).WithRoleAssignments(messaging, ServiceBusBuiltInRole.AzureServiceBusDataReceiver);
        });

        Assert.Contains("role assignments", error.Message);
    }

    [Fact]
    public async Task A_job_without_an_environment_is_refused()
    {
        var error = await Published.FailsAsync<InvalidOperationException>(builder =>
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).PublishAsAzureContainerAppJob());

        Assert.Contains("AddAzureContainerAppEnvironment", error.Message);
    }

    [Fact]
    public async Task A_resource_is_an_application_or_a_job_but_not_both()
    {
        var error = await Published.FailsAsync<InvalidOperationException>(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
                .PublishAsAzureContainerAppJob().PublishAsAzureContainerApp((_, _) => { });
        });

        Assert.Contains("cannot be both", error.Message);
    }

    [Fact]
    public async Task A_reference_without_roles_brings_no_identity()
    {
        using var published = await Published.FromAsync(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            var messaging = builder.AddAzureServiceBus("messaging").ClearDefaultRoleAssignments();
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null).WithReference(messaging)
                .PublishAsAzureContainerAppJob();
        });

        Assert.DoesNotContain("worker-identity", published.Resources.Select(resource => resource.Key));
        Assert.DoesNotContain("AZURE_CLIENT_ID", published.Module("worker-containerapp"));
    }

    [BicepFact]
    public async Task A_subscriptions_rule_is_a_correlation_filter_of_its_own()
    {
        using var published = await Published.FromAsync(builder =>
            builder.AddAzureServiceBus("messaging").AddServiceBusTopic("events").AddServiceBusSubscription("mine").WithProperties(
                subscription => subscription.Rules.Add(new AzureServiceBusRule("big-ones")
                {
                    CorrelationFilter = new()
                    {
                        Subject = "order",
                        SendTo = "shop",
                        RequiresPreprocessing = true,
                        Properties = { ["color"] = "red" },
                    },
                })));

        var module = (await BicepCompiler.CompileAsync(published.Folder))["messaging.module"];
        var rule = Assert.Single(
            ArmJson.Resources(module),
            resource => (string?)resource["type"] == "Microsoft.ServiceBus/namespaces/topics/subscriptions/rules");
        Assert.EndsWith("'mine', 'big-ones')]", (string?)rule["name"]);
        ArmJson.AssertSame(
            """
            {
              "filterType": "CorrelationFilter",
              "correlationFilter": { "label": "order", "to": "shop", "requiresPreprocessing": true, "properties": { "color": "red" } }
            }
            """,
            rule["properties"]);
    }

    [BicepFact]
    public async Task An_existing_namespace_is_deployed_to_where_it_is()
    {
        using var published = await Published.FromAsync(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            var messaging = builder.AddAzureServiceBus("messaging")
                .PublishAsExisting(builder.AddParameter("busName"), builder.AddParameter("busGroup"));
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
                .WithReference(messaging.AddServiceBusQueue("jobs")).PublishAsAzureContainerAppJob();
        });

        foreach (var module in (string[])["messaging", "worker-roles-messaging"])
        {
            var entry = published.Resources[module]!;
            Assert.Equal("azure.bicep.v1", (string?)entry["type"]);
            Assert.Equal("{busGroup.value}", (string?)entry["scope"]!["resourceGroup"]);
            Assert.Equal("{busName.value}", (string?)entry["params"]!["busName"]);
        }

        var roles = (await BicepCompiler.CompileAsync(published.Folder))["worker-roles-messaging.module"];
        Assert.StartsWith("[resourceId('Microsoft.ServiceBus/namespaces', parameters('busName'))]",
            (string?)Assert.Single(ArmJson.Resources(roles))["scope"]);
    }

    [BicepFact]
    public async Task Identities_secrets_addresses_and_outputs_of_others_can_be_used()
    {
        using var published = await Published.FromAsync(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env").WithDashboard(false)
                .WithAzureLogAnalyticsWorkspace(builder.AddAzureLogAnalyticsWorkspace("logs"));
            var messaging = builder.AddAzureServiceBus("messaging");
            var shared = builder.AddAzureUserAssignedIdentity("shared");
            var key = builder.AddParameter("api-key", secret: true);
            var team = builder.AddParameter("team");
            var web = builder.AddProject<SampleProjects.Web>("web", launchProfileName: "http");
            var extra = builder.AddAzureInfrastructure("extra", infrastructure =>
                infrastructure.Add(new ProvisioningOutput("answer", typeof(string)) { Value = "42" }));
            builder.AddProject<SampleProjects.Job>("nightly", launchProfileName: null)
                .WithReference(messaging).WithAzureUserAssignedIdentity(shared)
                .WithEnvironment("API_KEY", key)
                .WithEnvironment("LINK", ReferenceExpression.Create($"{web.GetEndpoint("http")}/status?team={team:uri}"))
                .WithEnvironment("HOST", web.GetEndpoint("https").Property(EndpointProperty.HostAndPort))
                .WithEnvironment("ANSWER", extra.GetOutput("answer"))
                .WithArgs("--fast")
                .PublishAsScheduledAzureContainerAppJob("0 3 * * *", (_, job) => job.Tags.Add("kind", "nightly"));
        });

        var templates = await BicepCompiler.CompileAsync(published.Folder);

        var template = templates["nightly-containerapp.module"];
        var job = Assert.Single(ArmJson.Resources(template));
        var configuration = job["properties"]!["configuration"]!;
        Assert.Equal("securestring", ((string?)template["parameters"]!["api_key_value"]!["type"])?.ToLowerInvariant());
        Assert.Equal("Schedule", (string?)configuration["triggerType"]);
        Assert.Equal("0 3 * * *", (string?)configuration["scheduleTriggerConfig"]!["cronExpression"]);
        Assert.Equal(
            """[{"name":"api-key","value":"[parameters('api_key_value')]"}]""", configuration["secrets"]!.ToJsonString(ArmJson.Relaxed));
        var container = job["properties"]!["template"]!["containers"]![0]!;
        Assert.Equal("""["--fast"]""", container["args"]!.ToJsonString());
        var environment = container["env"]!.AsArray()
            .ToDictionary(variable => (string)variable!["name"]!, variable => variable!.ToJsonString(ArmJson.Relaxed));
        Assert.Equal("""{"name":"API_KEY","secretRef":"api-key"}""", environment["API_KEY"]);
        Assert.Equal(
            """
            {"name":"LINK","value":"[format('https://web.internal.{0}/status?team={1}',
             parameters('env_outputs_azure_container_apps_environment_default_domain'), uriComponent(parameters('team_value')))]"}
            """.ReplaceLineEndings(""), environment["LINK"]);
        Assert.Equal(
            """{"name":"HOST","value":"[format('web.internal.{0}:443', """
                + """parameters('env_outputs_azure_container_apps_environment_default_domain'))]"}""",
            environment["HOST"]);
        Assert.Equal("""{"name":"ANSWER","value":"[parameters('extra_outputs_answer')]"}""", environment["ANSWER"]);
        Assert.Equal("nightly", (string?)job["tags"]!["kind"]);

        Assert.DoesNotContain("nightly-identity", published.Resources.Select(resource => resource.Key));
        Assert.Equal("{shared.outputs.principalId}", (string?)published.Resources["nightly-roles-messaging"]!["params"]!["principalId"]);
        Assert.Equal("{shared.outputs.clientId}",
            (string?)published.Resources["nightly"]!["deployment"]!["params"]!["shared_outputs_clientid"]);
        Assert.DoesNotContain(ArmJson.Resources(templates["env.module"]), resource =>
            (string?)resource["type"] is "Microsoft.App/managedEnvironments/dotNetComponents"
                or "Microsoft.OperationalInsights/workspaces");
    }

    [Fact]
    public async Task A_namespace_whose_emulator_was_declared_for_running_is_published_all_the_same()
    {
        using var published = await Published.FromAsync(builder => builder.AddAzureServiceBus("messaging").RunAsEmulator());

        Assert.Equal("azure.bicep.v0", (string?)published.Resources["messaging"]!["type"]);
    }

    [Fact]
    public void A_manual_job_can_become_an_event_triggered_one_without_a_trace()
    {
        var job = new ContainerAppJob("job") { Name = "job", EnvironmentId = "env" };
        job.Configuration.TriggerType = ContainerAppJobTriggerType.Manual;
        job.Configuration.ManualTriggerConfig = new JobConfigurationManualTriggerConfig();
        job.Configuration.TriggerType = ContainerAppJobTriggerType.Event;
        job.Configuration.EventTriggerConfig = new EventTriggerConfiguration { Parallelism = 2 };

        var infrastructure = new Infrastructure();
        infrastructure.Add(job);
        var text = infrastructure.Build().Compile()["main.bicep"];

        Assert.DoesNotContain("anual", text);
        Assert.Contains("parallelism: 2", text);
    }
}
