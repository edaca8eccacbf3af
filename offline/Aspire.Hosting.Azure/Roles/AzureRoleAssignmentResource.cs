using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure;

[Experimental("ASPIREAZURE003")]
public sealed class AzureRoleAssignmentResource : AzureProvisioningResource
{
    public AzureRoleAssignmentResource(string name, AzureProvisioningResource targetAzureResource, IResource? ownerResource,
        AzureUserAssignedIdentityResource? identityResource, Action<AzureResourceInfrastructure> configureInfrastructure)
        : base(name, configureInfrastructure)
    {
        if (ownerResource is null != identityResource is null)
        {
            throw new ArgumentException("Roles have an owner and its identity, or neither.",
                ownerResource is null ? nameof(ownerResource) : nameof(identityResource));
        }

        TargetAzureResource = targetAzureResource;
        OwnerResource = ownerResource;
        IdentityResource = identityResource;
    }

    public AzureProvisioningResource TargetAzureResource { get; }

    public IResource? OwnerResource { get; }

    public AzureUserAssignedIdentityResource? IdentityResource { get; }
}
