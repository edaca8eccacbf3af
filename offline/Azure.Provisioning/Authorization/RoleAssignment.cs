using Azure.Core;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.Primitives;
using Azure.Provisioning.Roles;

namespace Azure.Provisioning.Authorization;

public enum RoleManagementPrincipalType
{
    User = 0,
    Group = 1,
    ServicePrincipal = 2,
    ForeignGroup = 3,
    Device = 4,
}

public class RoleAssignment(string bicepIdentifier, string? resourceVersion = null)
    : ProvisionableResource(bicepIdentifier, "Microsoft.Authorization/roleAssignments", resourceVersion ?? "2022-04-01")
{
    public BicepValue<string> Name { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<string> Description { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<Guid> PrincipalId { get => Value<Guid>(); set => Value<Guid>().Assign(value); }

    public BicepValue<ResourceIdentifier> RoleDefinitionId
    {
        get => Value<ResourceIdentifier>();
        set => Value<ResourceIdentifier>().Assign(value);
    }

    public BicepValue<RoleManagementPrincipalType> PrincipalType
    {
        get => Value<RoleManagementPrincipalType>();
        set => Value<RoleManagementPrincipalType>().Assign(value);
    }

    public BicepValue<string> Scope { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<ResourceIdentifier> Id => Value<ResourceIdentifier>();

    public static RoleAssignment FromExisting(string bicepIdentifier, string? resourceVersion = null) =>
        new(bicepIdentifier, resourceVersion) { IsExistingResource = true };

    /// <summary>A built-in role on a resource. The name depends on who gets what where, so that deploying again changes nothing.</summary>
    internal static RoleAssignment Create(
        ProvisionableResource scope, BicepValue<ResourceIdentifier> scopeId, string roleName, string roleId,
        BicepValue<RoleManagementPrincipalType> principalType, BicepValue<Guid> principalId, string? bicepIdentifierSuffix)
    {
        var suffix = bicepIdentifierSuffix is null ? "" : $"_{bicepIdentifierSuffix}";
        return Create($"{scope.BicepIdentifier}_{roleName}{suffix}", scope, scopeId, roleId, principalType, principalId, principalId);
    }

    internal static RoleAssignment Create(
        ProvisionableResource scope, BicepValue<ResourceIdentifier> scopeId, string roleName, string roleId,
        UserAssignedIdentity identity) =>
        Create($"{scope.BicepIdentifier}_{identity.BicepIdentifier}_{roleName}", scope, scopeId, roleId,
            RoleManagementPrincipalType.ServicePrincipal, identity.PrincipalId, identity.Id);

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(Name), ["name"], isRequired: true);
        DefineProperty<Guid>(nameof(PrincipalId), ["properties", "principalId"], isRequired: true);
        DefineProperty<ResourceIdentifier>(nameof(RoleDefinitionId), ["properties", "roleDefinitionId"], isRequired: true);
        DefineProperty<string>(nameof(Description), ["properties", "description"]);
        DefineProperty<RoleManagementPrincipalType>(nameof(PrincipalType), ["properties", "principalType"]);
        DefineProperty<string>(nameof(Scope), ["scope"]);
        DefineProperty<ResourceIdentifier>(nameof(Id), ["id"], isOutput: true);
    }

    private static RoleAssignment Create(string bicepIdentifier, ProvisionableResource scope, BicepValue<ResourceIdentifier> scopeId,
        string roleId, BicepValue<RoleManagementPrincipalType> principalType, BicepValue<Guid> principalId, BicepValue<string> nameSeed)
    {
        var role = BicepFunction.GetSubscriptionResourceId("Microsoft.Authorization/roleDefinitions", roleId);
        return new RoleAssignment(bicepIdentifier)
        {
            Name = BicepFunction.CreateGuid(scopeId, nameSeed, role),
            Scope = new IdentifierExpression(scope.BicepIdentifier),
            PrincipalType = principalType,
            RoleDefinitionId = role,
            PrincipalId = principalId,
        };
    }
}
