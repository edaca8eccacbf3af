using Azure.Core;
using Azure.Provisioning.Expressions;

namespace Azure.Provisioning.Primitives;

/// <summary>A resource without a location gets the module's parameter "location", which defaults to the resource group's.</summary>
public class LocationPropertyResolver : InfrastructureResolver
{
    public override void ResolveProperties(ProvisionableConstruct construct, ProvisioningBuildOptions options)
    {
        if (construct is ProvisionableResource { IsExistingResource: false }
            && construct.ProvisionableProperties.TryGetValue("Location", out var property)
            && property is BicepValue<AzureLocation> { IsEmpty: true, IsOutput: false } location)
        {
            location.Assign(GetDefaultLocation(options, construct));
        }
    }

    protected virtual BicepValue<AzureLocation> GetDefaultLocation(ProvisioningBuildOptions options, ProvisionableConstruct construct)
    {
        var infrastructure = construct.ParentInfrastructure
            ?? throw new InvalidOperationException("A resource gets its location from the infrastructure it was added to.");
        var parameter = infrastructure.GetProvisionableResources().OfType<ProvisioningParameter>()
            .FirstOrDefault(candidate => candidate.BicepIdentifier == "location");
        if (parameter is null)
        {
            parameter = new ProvisioningParameter("location", typeof(string))
            {
                Description = "The location for the resource(s) to be deployed.",
                Value = BicepFunction.GetResourceGroup().Location,
            };
            infrastructure.Add(parameter);
        }

        return parameter;
    }
}
