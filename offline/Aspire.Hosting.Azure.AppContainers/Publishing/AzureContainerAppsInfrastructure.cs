using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Azure.AppContainers;

/// <summary>Gives each project and container a deployment target in its environment, once the model is complete and has its identities.</summary>
internal sealed class AzureContainerAppsInfrastructure(IOptions<AzureProvisioningOptions> options,
    DistributedApplicationExecutionContext executionContext) : IBeforeStartStep
{
    public async Task RunAsync(DistributedApplicationModel model, CancellationToken cancellationToken)
    {
        if (executionContext.IsRunMode)
        {
            return;
        }

        var environments = model.Resources.OfType<AzureContainerAppEnvironmentResource>().ToList();
        foreach (var resource in model.Resources.Where(IsDeployed).ToList())
        {
            if (IsApp(resource) && IsJob(resource))
            {
                throw new InvalidOperationException($"Resource '{resource.Name}' cannot be both an Azure Container App and a job.");
            }

            if (EnvironmentOf(resource, environments) is not { } environment)
            {
                continue;
            }

            var configuration = await ResourceConfiguration.GatherAsync(resource, executionContext, cancellationToken).ConfigureAwait(false);
            var context = new ContainerAppContext(resource, environment, configuration);
            resource.Annotations.Add(new DeploymentTargetAnnotation(
                new AzureContainerAppResource($"{resource.Name}-containerapp", context.Declare, resource)
                {
                    ProvisioningBuildOptions = options.Value.ProvisioningBuildOptions,
                })
            {
                ComputeEnvironment = environment,
                ContainerRegistry = environment,
            });
        }
    }

    private static bool IsDeployed(IResource resource) =>
        !resource.IsExcludedFromPublish() && (resource is ProjectResource || (resource is IComputeResource && resource.IsContainer()));

    private static AzureContainerAppEnvironmentResource? EnvironmentOf(IResource resource, List<AzureContainerAppEnvironmentResource> environments)
    {
        if (resource.GetComputeEnvironment() is { } chosen)
        {
            return environments.SingleOrDefault(environment => ReferenceEquals(environment, chosen));
        }

        return environments switch
        {
            [var only] => only,
            [] when IsApp(resource) || IsJob(resource) => throw new InvalidOperationException(
                $"Resource '{resource.Name}' is configured for Azure Container Apps, but the application has no such environment: "
                + "call 'AddAzureContainerAppEnvironment'."),
            [] => null,
            _ => throw new InvalidOperationException(
                $"Resource '{resource.Name}' could go to any of several environments: choose one with 'WithComputeEnvironment'."),
        };
    }

    private static bool IsApp(IResource resource) => resource.HasAnnotationOfType<AzureContainerAppCustomizationAnnotation>();

    private static bool IsJob(IResource resource) => resource.HasAnnotationOfType<AzureContainerAppJobCustomizationAnnotation>();
}
