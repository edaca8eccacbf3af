using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure.AppContainers;

/// <summary>What is deployed to one environment. Applications refer to each other's endpoints through it.</summary>
internal sealed class ContainerAppEnvironmentContext(AzureContainerAppEnvironmentResource environment, AzureProvisioningOptions options)
{
    private readonly Dictionary<IResource, ContainerAppContext> _contexts = [];

    public AzureContainerAppEnvironmentResource Environment { get; } = environment;

    public ContainerAppContext? Find(IResource resource) => _contexts.GetValueOrDefault(resource);

    /// <summary>Gathers the resource's configuration; its module is written when it is asked for.</summary>
    public async Task<AzureContainerAppResource> AddAsync(
        IResource resource, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        var context = await ContainerAppContext.CreateAsync(resource, this, executionContext, cancellationToken).ConfigureAwait(false);
        _contexts.Add(resource, context);
        return new AzureContainerAppResource($"{resource.Name}-containerapp", context.Declare, resource)
        {
            ProvisioningBuildOptions = options.ProvisioningBuildOptions,
        };
    }
}
