using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Aspire.Hosting.Azure.AppContainers;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting;

public static class AzureContainerAppExtensions
{
    public static IResourceBuilder<AzureContainerAppEnvironmentResource> AddAzureContainerAppEnvironment(this IDistributedApplicationBuilder builder,
        [ResourceName] string name)
    {
        builder.AddAzureContainerAppsInfrastructureCore();
        var environment = new AzureContainerAppEnvironmentResource(name, EnvironmentInfrastructure.Declare);
        if (builder.ExecutionContext.IsRunMode)
        {
            return builder.CreateResourceBuilder(environment);
        }

        environment.ContainerRegistry = builder.AddAzureContainerRegistry($"{name}-acr").Resource;
        return builder.AddResource(environment);
    }

    public static IResourceBuilder<AzureContainerAppEnvironmentResource> WithDashboard(
        this IResourceBuilder<AzureContainerAppEnvironmentResource> builder, bool enable = true)
    {
        builder.Resource.HasDashboard = enable;
        return builder;
    }

    public static IResourceBuilder<AzureContainerAppEnvironmentResource> WithHttpsUpgrade(
        this IResourceBuilder<AzureContainerAppEnvironmentResource> builder, bool upgrade = true)
    {
        builder.Resource.UpgradesToHttps = upgrade;
        return builder;
    }

    public static IResourceBuilder<AzureContainerAppEnvironmentResource> WithAzureLogAnalyticsWorkspace(
        this IResourceBuilder<AzureContainerAppEnvironmentResource> builder, IResourceBuilder<AzureLogAnalyticsWorkspaceResource> workspaceBuilder)
    {
        builder.Resource.Workspace = workspaceBuilder.Resource;
        return builder;
    }

    internal static void AddAzureContainerAppsInfrastructureCore(this IDistributedApplicationBuilder builder)
    {
        builder.AddAzureProvisioning();
        if (builder.TryAddBeforeStartStep<AzureContainerAppsInfrastructure>("azure-container-apps-infrastructure", BeforeStartSteps.PrepareResources))
        {
            builder.Services.Configure<AzureProvisioningOptions>(options => options.SupportsTargetedRoleAssignments = true);
        }
    }
}
