using Azure.Core;
using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.Roles;

public class UserAssignedIdentity(string bicepIdentifier, string? resourceVersion = null)
    : ProvisionableResource(bicepIdentifier, "Microsoft.ManagedIdentity/userAssignedIdentities", resourceVersion ?? "2024-11-30")
{
    public BicepValue<string> Name { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<AzureLocation> Location { get => Value<AzureLocation>(); set => Value<AzureLocation>().Assign(value); }

    public BicepDictionary<string> Tags { get => Dictionary<string>(); set => Dictionary<string>().Assign(value); }

    public BicepValue<Guid> ClientId => Value<Guid>();

    public BicepValue<ResourceIdentifier> Id => Value<ResourceIdentifier>();

    public BicepValue<Guid> PrincipalId => Value<Guid>();

    public BicepValue<Guid> TenantId => Value<Guid>();

    public static UserAssignedIdentity FromExisting(string bicepIdentifier, string? resourceVersion = null) =>
        new(bicepIdentifier, resourceVersion) { IsExistingResource = true };

    public override ResourceNameRequirements GetResourceNameRequirements() =>
        new(3, 128, ResourceNameCharacters.Alphanumeric | ResourceNameCharacters.Hyphen | ResourceNameCharacters.Underscore);

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(Name), ["name"], isRequired: true);
        DefineProperty<AzureLocation>(nameof(Location), ["location"], isRequired: true);
        DefineDictionaryProperty<string>(nameof(Tags), ["tags"]);
        DefineProperty<Guid>(nameof(ClientId), ["properties", "clientId"], isOutput: true);
        DefineProperty<ResourceIdentifier>(nameof(Id), ["id"], isOutput: true);
        DefineProperty<Guid>(nameof(PrincipalId), ["properties", "principalId"], isOutput: true);
        DefineProperty<Guid>(nameof(TenantId), ["properties", "tenantId"], isOutput: true);
    }
}
