namespace Azure.Provisioning.Primitives;

/// <summary>Parameters first, then variables, resources and outputs; within each, the order in which they were added.</summary>
public class OrderingInfrastructureResolver : InfrastructureResolver
{
    public override IEnumerable<Provisionable> ResolveResources(IEnumerable<Provisionable> resources, ProvisioningBuildOptions options) =>
        resources.OrderBy(resource => resource switch
        {
            ProvisioningParameter => 0,
            ProvisioningOutput => 3,
            ProvisioningVariable => 1,
            _ => 2,
        });
}
