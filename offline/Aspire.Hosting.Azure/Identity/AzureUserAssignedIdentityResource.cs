using Azure.Provisioning;
using Azure.Provisioning.Primitives;
using Azure.Provisioning.Roles;

namespace Aspire.Hosting.Azure;

public sealed class AzureUserAssignedIdentityResource(string name) : AzureProvisioningResource(name, Declare), IAppIdentityResource
{
    public BicepOutputReference Id => new("id", this);

    public BicepOutputReference ClientId => new("clientId", this);

    public BicepOutputReference PrincipalId => new("principalId", this);

    public BicepOutputReference PrincipalName => new("principalName", this);

    public BicepOutputReference NameOutputReference => new("name", this);

    public override ProvisionableResource AddAsExistingResource(AzureResourceInfrastructure infra)
    {
        var identity = UserAssignedIdentity.FromExisting(this.GetBicepIdentifier());
        if (!TryApplyExistingResourceAnnotation(this, infra, identity))
        {
            identity.Name = NameOutputReference.AsProvisioningParameter(infra);
        }

        infra.Add(identity);
        return identity;
    }

    private static void Declare(AzureResourceInfrastructure infrastructure)
    {
        var identity = CreateExistingOrNewProvisionableResource(
            infrastructure,
            (identifier, existingName) =>
            {
                var existing = UserAssignedIdentity.FromExisting(identifier);
                existing.Name = existingName;
                return existing;
            },
            infra => new UserAssignedIdentity(infra.AspireResource.GetBicepIdentifier()));
        infrastructure.Add(new ProvisioningOutput("id", typeof(string)) { Value = identity.Id });
        infrastructure.Add(new ProvisioningOutput("clientId", typeof(string)) { Value = identity.ClientId });
        infrastructure.Add(new ProvisioningOutput("principalId", typeof(string)) { Value = identity.PrincipalId });
        infrastructure.Add(new ProvisioningOutput("principalName", typeof(string)) { Value = identity.Name });
        infrastructure.Add(new ProvisioningOutput("name", typeof(string)) { Value = identity.Name });
    }
}
