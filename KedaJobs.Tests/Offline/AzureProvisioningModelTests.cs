using Azure.Core;
using Azure.Provisioning;
using Azure.Provisioning.AppContainers;
using Azure.Provisioning.Authorization;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.Primitives;
using Azure.Provisioning.Resources;
using Azure.Provisioning.Roles;
using Azure.Provisioning.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Offline;

public class AzureProvisioningModelTests
{
    [Fact]
    public void A_resource_without_name_and_location_gets_both()
    {
        var infrastructure = new Infrastructure();
        infrastructure.Add(new UserAssignedIdentity("worker_identity"));

        Assert.Equal(
            """
            @description('The location for the resource(s) to be deployed.')
            param location string = resourceGroup().location

            resource worker_identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
              name: take('worker_identity-${uniqueString(resourceGroup().id)}', 128)
              location: location
            }
            """, Text(infrastructure));
    }

    [Fact]
    public void Names_hold_only_the_characters_that_the_resource_allows()
    {
        var infrastructure = new Infrastructure();
        infrastructure.Add(new ServiceBusNamespace("my_Messaging"));
        infrastructure.Add(new ContainerAppManagedEnvironment("my_Env1"));

        var text = Text(infrastructure);

        Assert.Contains("name: take('myMessaging-${uniqueString(resourceGroup().id)}', 50)", text);
        Assert.Contains("name: take('myenv${uniqueString(resourceGroup().id)}', 24)", text);
    }

    [Fact]
    public void Properties_are_nested_and_the_unset_left_out()
    {
        var infrastructure = new Infrastructure();
        var messaging = new ServiceBusNamespace("messaging") { DisableLocalAuth = true, Sku = new() { Name = ServiceBusSkuName.Standard } };
        infrastructure.Add(messaging);
        infrastructure.Add(new ServiceBusQueue("jobs") { Name = "jobs", Parent = messaging, LockDuration = TimeSpan.FromMinutes(1) });
        infrastructure.Add(new ServiceBusQueue("bare") { Name = "bare", Parent = messaging });

        Assert.EndsWith(
            """
            resource messaging 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
              name: take('messaging-${uniqueString(resourceGroup().id)}', 50)
              location: location
              properties: {
                disableLocalAuth: true
              }
              sku: {
                name: 'Standard'
              }
            }

            resource jobs 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
              name: 'jobs'
              properties: {
                lockDuration: 'PT1M'
              }
              parent: messaging
            }

            resource bare 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
              name: 'bare'
              parent: messaging
            }
            """, Text(infrastructure));
    }

    [Fact]
    public void A_role_is_named_after_who_gets_what_where()
    {
        var infrastructure = new Infrastructure();
        var name = new ProvisioningParameter("messaging_outputs_name", typeof(string));
        var principal = new ProvisioningParameter("principalId", typeof(string));
        var messaging = ServiceBusNamespace.FromExisting("messaging");
        messaging.Name = name;
        infrastructure.Add(name);
        infrastructure.Add(principal);
        infrastructure.Add(messaging);
        infrastructure.Add(messaging.CreateRoleAssignment(
            ServiceBusBuiltInRole.AzureServiceBusDataReceiver, RoleManagementPrincipalType.ServicePrincipal, principal));

        Assert.Equal(
            """
            param messaging_outputs_name string

            param principalId string

            resource messaging 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
              name: messaging_outputs_name
            }

            resource messaging_AzureServiceBusDataReceiver 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
              name: guid(messaging.id, principalId, subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'))
              properties: {
                principalId: principalId
                roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0')
                principalType: 'ServicePrincipal'
              }
              scope: messaging
            }
            """, Text(infrastructure));
    }

    [Fact]
    public void What_is_added_again_stays_where_it_is()
    {
        var infrastructure = new Infrastructure();
        var team = new ProvisioningParameter("team", typeof(string));
        infrastructure.Add(team);
        infrastructure.Add(new ProvisioningParameter("size", typeof(string)));
        infrastructure.Add(team);

        Assert.Equal("param team string\n\nparam size string", Text(infrastructure));
    }

    [Fact]
    public void A_parameter_without_a_value_stands_for_itself()
    {
        var infrastructure = new Infrastructure();
        var team = new ProvisioningParameter("team", typeof(string));
        infrastructure.Add(team);
        infrastructure.Add(new ProvisioningOutput("answer", typeof(string)) { Value = team.Value });

        Assert.Equal("team", team.Value.Compile().ToString());
        Assert.Equal("param team string\n\noutput answer string = team", Text(infrastructure));
    }

    [Fact]
    public void A_module_is_deployed_to_its_scope()
    {
        var infrastructure = new Infrastructure { TargetScope = DeploymentScope.Subscription };
        infrastructure.Add(new ResourceGroup("rg") { Name = "group", Location = AzureLocation.WestEurope });
        infrastructure.Add(new ModuleImport("bus", "bus/bus.bicep")
        {
            Name = "bus",
            Scope = new IdentifierExpression("rg"),
            Parameters = { { "sku", "Standard" } },
        });

        Assert.Equal(
            """
            targetScope = 'subscription'

            resource rg 'Microsoft.Resources/resourceGroups@2023-07-01' = {
              name: 'group'
              location: 'westeurope'
            }

            module bus 'bus/bus.bicep' = {
              name: 'bus'
              scope: rg
              params: {
                sku: 'Standard'
              }
            }
            """, Text(infrastructure));
    }

    [Fact]
    public void An_output_reads_the_resource_not_what_it_was_made_of()
    {
        var infrastructure = new Infrastructure();
        var messaging = ServiceBusNamespace.FromExisting("messaging");
        messaging.Name = "known";
        infrastructure.Add(messaging);
        infrastructure.Add(new ProvisioningOutput("name", typeof(string)) { Value = messaging.Name });
        infrastructure.Add(new ProvisioningOutput("endpoint", typeof(string)) { Value = messaging.ServiceBusEndpoint });

        Assert.EndsWith(
            """
            output name string = messaging.name

            output endpoint string = messaging.properties.serviceBusEndpoint
            """, Text(infrastructure));
    }

    [Fact]
    public void What_azure_computes_cannot_be_set() =>
        Assert.Throws<InvalidOperationException>(
            () => ((IBicepValue)new UserAssignedIdentity("x").PrincipalId).Assign(new BicepValue<Guid>(Guid.Empty)));

    [Fact]
    public void A_missing_required_property_and_a_double_identifier_are_refused()
    {
        var incomplete = new Infrastructure();
        incomplete.Add(new RoleAssignment("role") { Name = "x" });
        var doubled = new Infrastructure();
        doubled.Add(new UserAssignedIdentity("one"));
        doubled.Add(new ServiceBusNamespace("one"));

        Assert.Contains("PrincipalId", Assert.Throws<InvalidOperationException>(() => incomplete.Build()).Message);
        Assert.Contains("'one'", Assert.Throws<InvalidOperationException>(() => doubled.Build()).Message);
    }

    [BicepFact]
    public async Task The_compiler_accepts_an_event_triggered_job()
    {
        var infrastructure = new Infrastructure("job");
        var identity = new ProvisioningParameter("scaler_id", typeof(string));
        infrastructure.Add(identity);
        var job = EventJob(identity);
        infrastructure.Add(job);
        using var folder = new TemporaryFolder("bicep");
        Assert.Single(infrastructure.Build().Save(folder.FullName));

        var template = (await BicepCompiler.CompileAsync(folder.FullName))["job"];

        var resource = template["resources"]![0]!;
        Assert.Equal("Microsoft.App/jobs", (string?)resource["type"]);
        Assert.Equal("[json('0.5')]", (string?)resource["properties"]!["template"]!["containers"]![0]!["resources"]!["cpu"]);
        Assert.Equal(
            """
            {"triggerType":"Event","replicaTimeout":600,"eventTriggerConfig":{"scale":{"rules":[{"name":"jobs","type":"azure-servicebus",
            "metadata":{"queueName":"jobs","messageCount":"5"},"identity":"[parameters('scaler_id')]"}]}},
            "identitySettings":[{"identity":"[parameters('scaler_id')]","lifecycle":"None"}]}
            """.ReplaceLineEndings(""), resource["properties"]!["configuration"]!.ToJsonString(ArmJson.Relaxed));
        Assert.Equal("""{"type":"UserAssigned","userAssignedIdentities":{"[format('{0}', parameters('scaler_id'))]":{}}}""",
            resource["identity"]!.ToJsonString(ArmJson.Relaxed));
    }

    private static ContainerAppJob EventJob(ProvisioningParameter identity)
    {
        var job = new ContainerAppJob("worker")
        {
            Name = "worker",
            EnvironmentId = "environment",
            Configuration = new()
            {
                TriggerType = ContainerAppJobTriggerType.Manual,
                ReplicaTimeout = 1800,
                ManualTriggerConfig = new(),
            },
            Template = new()
            {
                Containers =
                [
                    new ContainerAppContainer { Name = "worker", Image = "worker:1", Resources = new() { Cpu = 0.5, Memory = "1Gi" } },
                ],
            },
            Identity = new() { ManagedServiceIdentityType = ManagedServiceIdentityType.UserAssigned },
        };

        // As a customization callback does it, on what is there already.
        job.Identity.UserAssignedIdentities[BicepFunction.Interpolate($"{identity}").Compile().ToString()] =
            new UserAssignedIdentityDetails();
        job.Configuration.TriggerType = ContainerAppJobTriggerType.Event;
        job.Configuration.ReplicaTimeout = 600;
        job.Configuration.IdentitySettings.Add(
            new ContainerAppIdentitySettings { Identity = identity, Lifecycle = ContainerAppIdentitySettingsLifeCycle.None });
        job.Configuration.EventTriggerConfig.Scale.Rules.Add(new ContainerAppJobScaleRule
        {
            Name = "jobs",
            JobScaleRuleType = "azure-servicebus",
            Metadata = new ObjectExpression(new PropertyExpression("queueName", "jobs"), new PropertyExpression("messageCount", "5")),
            Identity = identity,
        });
        return job;
    }

    private static string Text(Infrastructure infrastructure) => infrastructure.Build().Compile()["main.bicep"];
}
