using Azure.Core;
using Azure.Provisioning;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.Primitives;

namespace Aspire.Hosting.Azure;

/// <summary>The workspace in the typed Bicep model, whose own package nothing else here needs.</summary>
internal sealed class OperationalInsightsWorkspace(string bicepIdentifier)
    : ProvisionableResource(bicepIdentifier, new ResourceType("Microsoft.OperationalInsights/workspaces"), "2025-02-01")
{
    private BicepValue<string>? _name;
    private BicepValue<AzureLocation>? _location;
    private BicepValue<string>? _skuName;
    private BicepDictionary<string>? _tags;
    private BicepValue<ResourceIdentifier>? _id;
    private BicepValue<string>? _customerId;

    public BicepValue<string> Name { get => Get(ref _name); set => Get(ref _name).Assign(value); }

    public BicepValue<AzureLocation> Location => Get(ref _location);

    public BicepValue<string> SkuName { get => Get(ref _skuName); set => Get(ref _skuName).Assign(value); }

    public BicepDictionary<string> Tags { get => Get(ref _tags); set => Get(ref _tags).Assign(value); }

    public BicepValue<ResourceIdentifier> Id => Get(ref _id);

    public BicepValue<string> CustomerId => Get(ref _customerId);

    /// <summary>Read by the deployment from the workspace itself, so that it appears in no file.</summary>
    public BicepValue<string> SharedKey => new MemberExpression(
        new FunctionCallExpression(new MemberExpression(new IdentifierExpression(BicepIdentifier), "listKeys")), "primarySharedKey");

    public static OperationalInsightsWorkspace FromExisting(string bicepIdentifier) => new(bicepIdentifier) { IsExistingResource = true };

    public static OperationalInsightsWorkspace Create(string bicepIdentifier) => new(bicepIdentifier) { SkuName = "PerGB2018" };

    public override ResourceNameRequirements GetResourceNameRequirements() =>
        new(4, 63, ResourceNameCharacters.Alphanumeric | ResourceNameCharacters.Hyphen);

    protected override void DefineProvisionableProperties()
    {
        _name = DefineProperty<string>(nameof(Name), ["name"], isRequired: true);
        _location = DefineProperty<AzureLocation>(nameof(Location), ["location"], isRequired: true);
        _skuName = DefineProperty<string>(nameof(SkuName), ["properties", "sku", "name"]);
        _tags = DefineDictionaryProperty<string>(nameof(Tags), ["tags"]);
        _id = DefineProperty<ResourceIdentifier>(nameof(Id), ["id"], isOutput: true);
        _customerId = DefineProperty<string>(nameof(CustomerId), ["properties", "customerId"], isOutput: true);
    }

    private T Get<T>(ref T? field)
    {
        Initialize();
        return field!;
    }
}
