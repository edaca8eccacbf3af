using Azure.Core;
using Azure.Provisioning;
using Azure.Provisioning.Primitives;

namespace Aspire.Hosting.Azure;

/// <summary>The registry in the typed Bicep model, whose own package nothing else here needs.</summary>
internal sealed class ContainerRegistryService(string bicepIdentifier)
    : ProvisionableResource(bicepIdentifier, new ResourceType("Microsoft.ContainerRegistry/registries"), "2025-04-01")
{
    private BicepValue<string>? _name;
    private BicepValue<AzureLocation>? _location;
    private BicepValue<string>? _skuName;
    private BicepDictionary<string>? _tags;
    private BicepValue<ResourceIdentifier>? _id;
    private BicepValue<string>? _loginServer;

    public BicepValue<string> Name { get => Get(ref _name); set => Get(ref _name).Assign(value); }

    public BicepValue<AzureLocation> Location => Get(ref _location);

    public BicepValue<string> SkuName { get => Get(ref _skuName); set => Get(ref _skuName).Assign(value); }

    public BicepDictionary<string> Tags { get => Get(ref _tags); set => Get(ref _tags).Assign(value); }

    public BicepValue<ResourceIdentifier> Id => Get(ref _id);

    public BicepValue<string> LoginServer => Get(ref _loginServer);

    public static ContainerRegistryService FromExisting(string bicepIdentifier) => new(bicepIdentifier) { IsExistingResource = true };

    public override ResourceNameRequirements GetResourceNameRequirements() => new(5, 50, ResourceNameCharacters.Alphanumeric);

    protected override void DefineProvisionableProperties()
    {
        _name = DefineProperty<string>(nameof(Name), ["name"], isRequired: true);
        _location = DefineProperty<AzureLocation>(nameof(Location), ["location"], isRequired: true);
        _skuName = DefineProperty<string>(nameof(SkuName), ["sku", "name"]);
        _tags = DefineDictionaryProperty<string>(nameof(Tags), ["tags"]);
        _id = DefineProperty<ResourceIdentifier>(nameof(Id), ["id"], isOutput: true);
        _loginServer = DefineProperty<string>(nameof(LoginServer), ["properties", "loginServer"], isOutput: true);
    }

    private T Get<T>(ref T? field)
    {
        Initialize();
        return field!;
    }
}
