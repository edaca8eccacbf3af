using System.Runtime.Serialization;
using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.Resources;

public enum ManagedServiceIdentityType
{
    None = 0,
    SystemAssigned = 1,
    UserAssigned = 2,
    [DataMember(Name = "SystemAssigned, UserAssigned")]
    SystemAssignedUserAssigned = 3,
}

public class ManagedServiceIdentity : ProvisionableConstruct
{
    public BicepValue<ManagedServiceIdentityType> ManagedServiceIdentityType
    {
        get => Value<ManagedServiceIdentityType>();
        set => Value<ManagedServiceIdentityType>().Assign(value);
    }

    public BicepDictionary<UserAssignedIdentityDetails> UserAssignedIdentities
    {
        get => Dictionary<UserAssignedIdentityDetails>();
        set => Dictionary<UserAssignedIdentityDetails>().Assign(value);
    }

    public BicepValue<Guid> PrincipalId => Value<Guid>();

    public BicepValue<Guid> TenantId => Value<Guid>();

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<ManagedServiceIdentityType>(nameof(ManagedServiceIdentityType), ["type"]);
        DefineDictionaryProperty<UserAssignedIdentityDetails>(nameof(UserAssignedIdentities), ["userAssignedIdentities"]);
        DefineProperty<Guid>(nameof(PrincipalId), ["principalId"], isOutput: true);
        DefineProperty<Guid>(nameof(TenantId), ["tenantId"], isOutput: true);
    }
}

public class UserAssignedIdentityDetails : ProvisionableConstruct
{
    public BicepValue<Guid> ClientId => Value<Guid>();

    public BicepValue<Guid> PrincipalId => Value<Guid>();

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<Guid>(nameof(ClientId), ["clientId"], isOutput: true);
        DefineProperty<Guid>(nameof(PrincipalId), ["principalId"], isOutput: true);
    }
}
