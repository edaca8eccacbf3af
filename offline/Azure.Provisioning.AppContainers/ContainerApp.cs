using Azure.Core;
using Azure.Provisioning.Primitives;
using Azure.Provisioning.Resources;

namespace Azure.Provisioning.AppContainers;

public class ContainerApp(string bicepIdentifier, string? resourceVersion = null)
    : ProvisionableResource(bicepIdentifier, "Microsoft.App/containerApps", resourceVersion ?? "2025-07-01")
{
    public BicepValue<string> Name { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<AzureLocation> Location { get => Value<AzureLocation>(); set => Value<AzureLocation>().Assign(value); }

    public ContainerAppConfiguration Configuration { get => Model<ContainerAppConfiguration>(); set => SetModel(value); }

    public BicepValue<ResourceIdentifier> EnvironmentId
    {
        get => Value<ResourceIdentifier>();
        set => Value<ResourceIdentifier>().Assign(value);
    }

    public ManagedServiceIdentity Identity { get => Model<ManagedServiceIdentity>(); set => SetModel(value); }

    public BicepDictionary<string> Tags { get => Dictionary<string>(); set => Dictionary<string>().Assign(value); }

    public ContainerAppTemplate Template { get => Model<ContainerAppTemplate>(); set => SetModel(value); }

    public BicepValue<string> WorkloadProfileName { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<ResourceIdentifier> Id => Value<ResourceIdentifier>();

    public static ContainerApp FromExisting(string bicepIdentifier, string? resourceVersion = null) =>
        new(bicepIdentifier, resourceVersion) { IsExistingResource = true };

    public override ResourceNameRequirements GetResourceNameRequirements() => new(2, 32,
        ResourceNameCharacters.LowercaseLetters | ResourceNameCharacters.Numbers | ResourceNameCharacters.Hyphen);

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(Name), ["name"], isRequired: true);
        DefineProperty<AzureLocation>(nameof(Location), ["location"], isRequired: true);
        DefineModelProperty<ContainerAppConfiguration>(nameof(Configuration), ["properties", "configuration"]);
        DefineProperty<ResourceIdentifier>(nameof(EnvironmentId), ["properties", "environmentId"]);
        DefineModelProperty<ManagedServiceIdentity>(nameof(Identity), ["identity"]);
        DefineDictionaryProperty<string>(nameof(Tags), ["tags"]);
        DefineModelProperty<ContainerAppTemplate>(nameof(Template), ["properties", "template"]);
        DefineProperty<string>(nameof(WorkloadProfileName), ["properties", "workloadProfileName"]);
        DefineProperty<ResourceIdentifier>(nameof(Id), ["id"], isOutput: true);
    }
}
