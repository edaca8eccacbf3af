namespace Azure.Provisioning.Primitives;

public abstract class InfrastructureResolver
{
    protected InfrastructureResolver()
    {
    }

    public virtual void ResolveInfrastructure(Infrastructure infrastructure, ProvisioningBuildOptions options)
    {
    }

    public virtual void ResolveProperties(ProvisionableConstruct construct, ProvisioningBuildOptions options)
    {
    }

    public virtual IEnumerable<Provisionable> ResolveResources(IEnumerable<Provisionable> resources, ProvisioningBuildOptions options) =>
        resources;
}
