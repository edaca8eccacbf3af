using Azure.Provisioning.Expressions;

namespace Azure.Provisioning.Primitives;

public abstract class Provisionable
{
    internal Provisionable()
    {
    }

    public virtual IEnumerable<Provisionable> GetProvisionableResources() => [];

    protected internal abstract IEnumerable<BicepStatement> Compile();

    protected internal virtual void Resolve(ProvisioningBuildOptions? options = null)
    {
    }

    protected internal virtual void Validate(ProvisioningBuildOptions? options = null)
    {
    }
}
