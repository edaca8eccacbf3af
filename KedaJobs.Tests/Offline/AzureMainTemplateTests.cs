using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Azure.Provisioning;
using Azure.Provisioning.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Offline;

/// <summary><c>aspire publish</c>: the template that creates everything, laid out as the real publisher does.</summary>
public class AzureMainTemplateTests
{
    [Fact]
    public async Task The_template_creates_the_group_deploys_the_modules_and_tells_what_applications_need()
    {
        using var published = await PublishedTemplate.FromAsync(builder =>
        {
            builder.AddAzureContainerAppEnvironment("env");
            var messaging = builder.AddAzureServiceBus("messaging");
            builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
                .WithReference(messaging.AddServiceBusQueue("jobs"))
                .WithRoleAssignments(messaging, ServiceBusBuiltInRole.AzureServiceBusDataReceiver)
                .PublishAsAzureContainerAppJob();
        });

        Assert.Equal(
            """
            targetScope = 'subscription'

            param resourceGroupName string

            param location string

            param principalId string

            resource rg 'Microsoft.Resources/resourceGroups@2023-07-01' = {
              name: resourceGroupName
              location: location
            }

            module env_acr 'env-acr/env-acr.bicep' = {
              name: 'env-acr'
              scope: rg
              params: {
                location: location
              }
            }

            module env 'env/env.bicep' = {
              name: 'env'
              scope: rg
              params: {
                location: location
                env_acr_outputs_name: env_acr.outputs.name
                userPrincipalId: principalId
              }
            }

            module messaging 'messaging/messaging.bicep' = {
              name: 'messaging'
              scope: rg
              params: {
                location: location
              }
            }

            module worker_identity 'worker-identity/worker-identity.bicep' = {
              name: 'worker-identity'
              scope: rg
              params: {
                location: location
              }
            }

            module worker_roles_messaging 'worker-roles-messaging/worker-roles-messaging.bicep' = {
              name: 'worker-roles-messaging'
              scope: rg
              params: {
                location: location
                messaging_outputs_name: messaging.outputs.name
                principalId: worker_identity.outputs.principalId
              }
            }

            output env_AZURE_CONTAINER_APPS_ENVIRONMENT_DEFAULT_DOMAIN string = env.outputs.AZURE_CONTAINER_APPS_ENVIRONMENT_DEFAULT_DOMAIN

            output env_AZURE_CONTAINER_APPS_ENVIRONMENT_ID string = env.outputs.AZURE_CONTAINER_APPS_ENVIRONMENT_ID

            output env_AZURE_CONTAINER_REGISTRY_ENDPOINT string = env.outputs.AZURE_CONTAINER_REGISTRY_ENDPOINT

            output env_AZURE_CONTAINER_REGISTRY_MANAGED_IDENTITY_ID string = env.outputs.AZURE_CONTAINER_REGISTRY_MANAGED_IDENTITY_ID

            output worker_identity_id string = worker_identity.outputs.id

            output messaging_serviceBusEndpoint string = messaging.outputs.serviceBusEndpoint

            output messaging_serviceBusHostName string = messaging.outputs.serviceBusHostName

            output worker_identity_clientId string = worker_identity.outputs.clientId
            """, published.Main);
        Assert.Equal(["env", "env-acr", "messaging", "worker", "worker-identity", "worker-roles-messaging"], published.Modules);
        Assert.Contains("resource worker 'Microsoft.App/jobs@", published.Module("worker"));
    }

    [Fact]
    public async Task Parameters_of_modules_are_parameters_of_the_template()
    {
        using var published = await PublishedTemplate.FromAsync(
            builder =>
            {
                var size = builder.AddParameter("size", "small", publishValueAsDefault: true);
                var key = builder.AddParameter("api-key", secret: true);
                var messaging = builder.AddAzureServiceBus("messaging");
                builder.AddAzureInfrastructure("extra", infrastructure =>
                {
                    size.AsProvisioningParameter(infrastructure);
                    key.AsProvisioningParameter(infrastructure);
                    ReferenceExpression.Create($"{messaging.Resource.ConnectionStringExpression};Size={size}")
                        .AsProvisioningParameter(infrastructure, "address");
                    infrastructure.Add(new ProvisioningOutput("answer", typeof(string)) { Value = "42" });
                });
            },
            "--Parameters:api-key=k");

        Assert.Contains(
            """
            param principalId string

            param size string = 'small'

            @secure()
            param api_key string

            resource rg
            """, published.Main);
        Assert.Contains(
            """
                location: location
                size: size
                api_key: api_key
                address: '${messaging.outputs.serviceBusEndpoint};Size=${size}'
            """, published.Main);
    }

    [BicepFact]
    public async Task An_existing_namespace_is_deployed_to_where_it_is()
    {
        using var published = await PublishedTemplate.FromAsync(
            builder =>
            {
                builder.AddAzureContainerAppEnvironment("env");
                var messaging = builder.AddAzureServiceBus("messaging")
                    .PublishAsExisting(builder.AddParameter("busName"), builder.AddParameter("busGroup"));
                builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null)
                    .WithReference(messaging.AddServiceBusQueue("jobs")).PublishAsAzureContainerAppJob();
            },
            "--Parameters:busName=shared", "--Parameters:busGroup=rg-shared");

        Assert.Contains("param busGroup string\n\nparam busName string\n\nresource rg", published.Main);
        foreach (var module in (string[])["messaging", "worker-roles-messaging"])
        {
            Assert.Contains($"  name: '{module}'\n  scope: resourceGroup(busGroup)\n", published.Main);
        }

        await BicepCompiler.CompileAsync(published.Folder);
    }

    [BicepFact]
    public async Task The_compiler_accepts_the_template_and_every_module_of_what_the_publisher_knows()
    {
        using var published = await PublishedTemplate.FromAsync(
            EveryFeature.Declare, "--ConnectionStrings:shop-database=Server=s", "--Parameters:api-key=k", "--Parameters:busName=n");

        var templates = await BicepCompiler.CompileAsync(published.Folder);

        Assert.Equal(published.Modules.Append("main").Order(), templates.Keys.Order());
        Assert.Equal(
            [
                "cae1", "cae1-acr", "gateway", "gateway-identity", "gateway-roles-messaging", "messaging", "worker", "worker-identity",
                "worker-roles-messaging",
            ],
            published.Modules);
    }

    [Fact]
    public async Task Deploying_is_refused_before_anything_is_built()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => PublishRun.ToEndAsync(
            builder =>
            {
                builder.AddAzureContainerAppEnvironment("env");
                builder.AddProject<SampleProjects.Job>("worker", launchProfileName: null);
            },
            "--operation", "publish", "--step", "deploy"));

        Assert.Contains("don't deploy", error.Message);
    }
}
