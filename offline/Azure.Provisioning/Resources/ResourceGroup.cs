using Azure.Core;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.Resources;

public class ResourceGroup(string bicepIdentifier, string? resourceVersion = null)
    : ProvisionableResource(bicepIdentifier, "Microsoft.Resources/resourceGroups", resourceVersion ?? "2023-07-01")
{
    public BicepValue<ResourceIdentifier> Id => Value<ResourceIdentifier>();

    public BicepValue<AzureLocation> Location { get => Value<AzureLocation>(); set => Value<AzureLocation>().Assign(value); }

    public BicepValue<string> Name { get => Value<string>(); set => Value<string>().Assign(value); }

    internal static ResourceGroup FromExpression(BicepExpression expression)
    {
        var group = new ResourceGroup("resourceGroup");
        group.OverrideWithExpression(expression);
        return group;
    }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(Name), ["name"], isRequired: true);
        DefineProperty<AzureLocation>(nameof(Location), ["location"], isRequired: true);
        DefineProperty<ResourceIdentifier>(nameof(Id), ["id"], isOutput: true);
    }
}
