using Aspire.Hosting.ApplicationModel;
using Azure.Provisioning;
using Azure.Provisioning.Primitives;

namespace Aspire.Hosting.Azure;

public class AzureContainerRegistryResource(string name, Action<AzureResourceInfrastructure> configureInfrastructure)
    : AzureProvisioningResource(name, configureInfrastructure), IAzureContainerRegistryResource
{
    public BicepOutputReference NameOutputReference => new("name", this);

    public BicepOutputReference RegistryEndpoint => new("loginServer", this);

    public BicepOutputReference Id => new("id", this);

    ReferenceExpression IContainerRegistry.Name => ReferenceExpression.Create($"{NameOutputReference}");

    ReferenceExpression IContainerRegistry.Endpoint => ReferenceExpression.Create($"{RegistryEndpoint}");

    public override ProvisionableResource AddAsExistingResource(AzureResourceInfrastructure infra)
    {
        var registry = ContainerRegistryService.FromExisting(this.GetBicepIdentifier());
        if (!TryApplyExistingResourceAnnotation(this, infra, registry))
        {
            registry.Name = NameOutputReference.AsProvisioningParameter(infra);
        }

        infra.Add(registry);
        return registry;
    }

    internal static void Declare(AzureResourceInfrastructure infrastructure)
    {
        var registry = CreateExistingOrNewProvisionableResource(
            infrastructure,
            (identifier, existingName) =>
            {
                var existing = ContainerRegistryService.FromExisting(identifier);
                existing.Name = existingName;
                return existing;
            },
            infra => new ContainerRegistryService(infra.AspireResource.GetBicepIdentifier())
            {
                SkuName = "Basic",
                Tags = { { "aspire-resource-name", infra.AspireResource.Name } },
            });
        infrastructure.Add(new ProvisioningOutput("name", typeof(string)) { Value = registry.Name });
        infrastructure.Add(new ProvisioningOutput("loginServer", typeof(string)) { Value = registry.LoginServer });
        infrastructure.Add(new ProvisioningOutput("id", typeof(string)) { Value = registry.Id });
    }
}
