using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Aspire.Hosting.Azure.AppContainers;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting;

public static class AzureContainerAppExtensions
{
    internal const string ValidateStepName = "validate-azure-container-apps";

    public static IResourceBuilder<AzureContainerAppEnvironmentResource> AddAzureContainerAppEnvironment(
        this IDistributedApplicationBuilder builder,
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

    public static IResourceBuilder<AzureContainerAppEnvironmentResource> WithAzureLogAnalyticsWorkspace(
        this IResourceBuilder<AzureContainerAppEnvironmentResource> builder,
        IResourceBuilder<AzureLogAnalyticsWorkspaceResource> workspaceBuilder)
    {
        builder.Resource.Workspace = workspaceBuilder.Resource;
        return builder;
    }

    internal static void AddAzureContainerAppsInfrastructureCore(this IDistributedApplicationBuilder builder)
    {
        builder.AddAzureProvisioning();
        if (builder.Services.Any(service => service.ServiceType == typeof(StepAdded)))
        {
            return;
        }

        builder.Services.AddSingleton<StepAdded>();
        builder.Services.Configure<AzureProvisioningOptions>(options => options.SupportsTargetedRoleAssignments = true);
        builder.Pipeline.AddStep(
            ValidateStepName,
            context =>
            {
                RequireEnvironment(context.Model, context.ExecutionContext);
                return Task.CompletedTask;
            },
            AzureEnvironmentResource.PrepareResourcesStepName,
            WellKnownPipelineSteps.BeforeStart);
    }

    private static void RequireEnvironment(DistributedApplicationModel model, DistributedApplicationExecutionContext executionContext)
    {
        if (executionContext.IsPublishMode && !model.Resources.OfType<AzureContainerAppEnvironmentResource>().Any()
            && model.GetComputeResources().FirstOrDefault(IsConfigured) is { } resource)
        {
            throw new InvalidOperationException(
                $"Resource '{resource.Name}' is configured for Azure Container Apps, but the application has no such environment: "
                + $"call '{nameof(AddAzureContainerAppEnvironment)}'.");
        }
    }

    private static bool IsConfigured(IResource resource) =>
        resource.HasAnnotationOfType<AzureContainerAppCustomizationAnnotation>()
        || resource.HasAnnotationOfType<AzureContainerAppJobCustomizationAnnotation>();

    /// <summary>Marks that the step is in the pipeline.</summary>
    private sealed class StepAdded;
}
