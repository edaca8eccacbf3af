using Azure.Core;
using Azure.Provisioning;
using Azure.Provisioning.AppContainers;
using Azure.Provisioning.Primitives;

namespace Aspire.Hosting.Azure.AppContainers;

/// <summary>The dashboard as a component of the environment.</summary>
internal sealed class EnvironmentDashboard(string bicepIdentifier)
    : ProvisionableResource(bicepIdentifier, new ResourceType("Microsoft.App/managedEnvironments/dotNetComponents"), "2025-10-02-preview")
{
    private BicepValue<string>? _name;
    private ResourceReference<ContainerAppManagedEnvironment>? _parent;

    public BicepValue<string> Name
    {
        get
        {
            Initialize();
            return _name!;
        }
        set => Name.Assign(value);
    }

    public ContainerAppManagedEnvironment? Parent
    {
        set
        {
            Initialize();
            _parent!.Value = value;
        }
    }

    protected override void DefineProvisionableProperties()
    {
        _name = DefineProperty<string>(nameof(Name), ["name"], isRequired: true);
        DefineProperty<string>("ComponentType", ["properties", "componentType"], defaultValue: "AspireDashboard");
        _parent = DefineResource<ContainerAppManagedEnvironment>(nameof(Parent), ["parent"], isRequired: true);
    }
}
