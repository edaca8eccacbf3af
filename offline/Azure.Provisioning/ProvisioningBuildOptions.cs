using Azure.Provisioning.Primitives;

namespace Azure.Provisioning;

public class ProvisioningBuildOptions
{
    public IList<InfrastructureResolver> InfrastructureResolvers { get; } =
    [
        new DynamicResourceNamePropertyResolver(),
        new LocationPropertyResolver(),
        new OrderingInfrastructureResolver(),
    ];
}
