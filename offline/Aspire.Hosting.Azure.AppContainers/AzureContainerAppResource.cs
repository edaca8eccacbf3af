using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure.AppContainers;

/// <summary>The application or job in the cloud that stands for a resource of the model.</summary>
public class AzureContainerAppResource(string name, Action<AzureResourceInfrastructure> configureInfrastructure, IResource targetResource)
    : AzureProvisioningResource(name, configureInfrastructure)
{
    public IResource TargetResource { get; } = targetResource;
}
