using System.Runtime.Serialization;
using Azure.Core;
using Azure.Provisioning.Authorization;
using Azure.Provisioning.Primitives;
using Azure.Provisioning.Roles;

namespace Azure.Provisioning.ServiceBus;

public enum ServiceBusPublicNetworkAccess
{
    Enabled = 0,
    Disabled = 1,
    SecuredByPerimeter = 2,
}

public enum ServiceBusMinimumTlsVersion
{
    [DataMember(Name = "1.0")]
    Tls1_0 = 0,
    [DataMember(Name = "1.1")]
    Tls1_1 = 1,
    [DataMember(Name = "1.2")]
    Tls1_2 = 2,
}

public class ServiceBusNamespace(string bicepIdentifier, string? resourceVersion = null)
    : ProvisionableResource(bicepIdentifier, "Microsoft.ServiceBus/namespaces", resourceVersion ?? "2024-01-01")
{
    public BicepValue<string> Name { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<AzureLocation> Location { get => Value<AzureLocation>(); set => Value<AzureLocation>().Assign(value); }

    public BicepValue<bool> DisableLocalAuth { get => Value<bool>(); set => Value<bool>().Assign(value); }

    public BicepValue<ServiceBusMinimumTlsVersion> MinimumTlsVersion
    {
        get => Value<ServiceBusMinimumTlsVersion>();
        set => Value<ServiceBusMinimumTlsVersion>().Assign(value);
    }

    public BicepValue<ServiceBusPublicNetworkAccess> PublicNetworkAccess
    {
        get => Value<ServiceBusPublicNetworkAccess>();
        set => Value<ServiceBusPublicNetworkAccess>().Assign(value);
    }

    public ServiceBusSku Sku { get => Model<ServiceBusSku>(); set => SetModel(value); }

    public BicepDictionary<string> Tags { get => Dictionary<string>(); set => Dictionary<string>().Assign(value); }

    public BicepValue<ResourceIdentifier> Id => Value<ResourceIdentifier>();

    public BicepValue<string> ServiceBusEndpoint => Value<string>();

    public static ServiceBusNamespace FromExisting(string bicepIdentifier, string? resourceVersion = null) =>
        new(bicepIdentifier, resourceVersion) { IsExistingResource = true };

    public override ResourceNameRequirements GetResourceNameRequirements() =>
        new(6, 50, ResourceNameCharacters.Alphanumeric | ResourceNameCharacters.Hyphen);

    public RoleAssignment CreateRoleAssignment(ServiceBusBuiltInRole role, UserAssignedIdentity identity) =>
        RoleAssignment.Create(this, Id, ServiceBusBuiltInRole.GetBuiltInRoleName(role), role.ToString(), identity);

    public RoleAssignment CreateRoleAssignment(ServiceBusBuiltInRole role, BicepValue<RoleManagementPrincipalType> principalType,
        BicepValue<Guid> principalId, string? bicepIdentifierSuffix = null) =>
        RoleAssignment.Create(this, Id, ServiceBusBuiltInRole.GetBuiltInRoleName(role), role.ToString(), principalType, principalId,
            bicepIdentifierSuffix);

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(Name), ["name"], isRequired: true);
        DefineProperty<AzureLocation>(nameof(Location), ["location"], isRequired: true);
        DefineProperty<bool>(nameof(DisableLocalAuth), ["properties", "disableLocalAuth"]);
        DefineProperty<ServiceBusMinimumTlsVersion>(nameof(MinimumTlsVersion), ["properties", "minimumTlsVersion"]);
        DefineProperty<ServiceBusPublicNetworkAccess>(nameof(PublicNetworkAccess), ["properties", "publicNetworkAccess"]);
        DefineModelProperty<ServiceBusSku>(nameof(Sku), ["sku"]);
        DefineDictionaryProperty<string>(nameof(Tags), ["tags"]);
        DefineProperty<ResourceIdentifier>(nameof(Id), ["id"], isOutput: true);
        DefineProperty<string>(nameof(ServiceBusEndpoint), ["properties", "serviceBusEndpoint"], isOutput: true);
    }
}
