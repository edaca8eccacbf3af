using Azure.Provisioning;
using Azure.Provisioning.Expressions;

namespace Aspire.Hosting.Azure;

public sealed class AzureResourceInfrastructure : Infrastructure
{
    internal AzureResourceInfrastructure(AzureProvisioningResource resource, string name)
        : base(name)
    {
        AspireResource = resource;
        Add(new ProvisioningParameter(AzureBicepResource.KnownParameters.Location, typeof(string))
        {
            Description = "The location for the resource(s) to be deployed.",
            Value = BicepFunction.GetResourceGroup().Location,
        });
    }

    public AzureProvisioningResource AspireResource { get; }

    internal IEnumerable<ProvisioningParameter> Parameters => GetProvisionableResources().OfType<ProvisioningParameter>();
}
