using Azure.Provisioning;
using Azure.Provisioning.Authorization;

namespace Aspire.Hosting.Azure;

public interface IAddRoleAssignmentsContext
{
    AzureResourceInfrastructure Infrastructure { get; }

    DistributedApplicationExecutionContext ExecutionContext { get; }

    IEnumerable<RoleDefinition> Roles { get; }

    BicepValue<RoleManagementPrincipalType> PrincipalType { get; }

    BicepValue<Guid> PrincipalId { get; }

    BicepValue<string> PrincipalName { get; }
}

/// <summary>Roles for an identity of the application, or, where there is none, for whoever deploys.</summary>
internal sealed class AddRoleAssignmentsContext(
    AzureResourceInfrastructure infrastructure, DistributedApplicationExecutionContext executionContext,
    IEnumerable<RoleDefinition> roles, IAppIdentityResource? identity) : IAddRoleAssignmentsContext
{
    public AzureResourceInfrastructure Infrastructure { get; } = infrastructure;

    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    public IEnumerable<RoleDefinition> Roles { get; } = roles;

    public BicepValue<RoleManagementPrincipalType> PrincipalType => identity is null
        ? Known(AzureBicepResource.KnownParameters.PrincipalType)
        : RoleManagementPrincipalType.ServicePrincipal;

    public BicepValue<Guid> PrincipalId => identity is null
        ? Known(AzureBicepResource.KnownParameters.PrincipalId)
        : identity.PrincipalId.AsProvisioningParameter(Infrastructure, AzureBicepResource.KnownParameters.PrincipalId);

    public BicepValue<string> PrincipalName => identity is null
        ? Known(AzureBicepResource.KnownParameters.PrincipalName)
        : identity.PrincipalName.AsProvisioningParameter(Infrastructure, AzureBicepResource.KnownParameters.PrincipalName);

    private ProvisioningParameter Known(string name)
    {
        var parameter = Infrastructure.Parameters.FirstOrDefault(candidate => candidate.BicepIdentifier == name);
        if (parameter is null)
        {
            parameter = new ProvisioningParameter(name, typeof(string));
            Infrastructure.Add(parameter);
        }

        return parameter;
    }
}
