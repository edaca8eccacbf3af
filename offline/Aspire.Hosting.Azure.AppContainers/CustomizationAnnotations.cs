using Aspire.Hosting.ApplicationModel;
using Azure.Provisioning.AppContainers;

namespace Aspire.Hosting.Azure;

public sealed class AzureContainerAppCustomizationAnnotation(Action<AzureResourceInfrastructure, ContainerApp> configure)
    : IResourceAnnotation
{
    public Action<AzureResourceInfrastructure, ContainerApp> Configure { get; } = configure;
}

public sealed class AzureContainerAppJobCustomizationAnnotation(Action<AzureResourceInfrastructure, ContainerAppJob> configure)
    : IResourceAnnotation
{
    public Action<AzureResourceInfrastructure, ContainerAppJob> Configure { get; } = configure;
}
