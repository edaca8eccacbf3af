using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure;

public record struct RoleDefinition(string Id, string Name);

/// <summary>The roles that whoever refers to the resource gets, unless it says otherwise.</summary>
public class DefaultRoleAssignmentsAnnotation(IReadOnlySet<RoleDefinition> roles) : IResourceAnnotation
{
    public IReadOnlySet<RoleDefinition> Roles { get; } = roles;
}

/// <summary>The roles of this resource on another one, in place of the defaults.</summary>
public class RoleAssignmentAnnotation(AzureProvisioningResource target, IReadOnlySet<RoleDefinition> roles) : IResourceAnnotation
{
    public AzureProvisioningResource Target { get; } = target;

    public IReadOnlySet<RoleDefinition> Roles { get; } = roles;
}
