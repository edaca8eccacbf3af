using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure;

public interface IAzureComputeEnvironmentResource : IComputeEnvironmentResource
{
    IAzureContainerRegistryResource? ContainerRegistry => null;
}

public interface IAzureContainerRegistryResource : IContainerRegistry, IAzureResource;
