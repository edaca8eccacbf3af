using Azure.Core;
using Azure.Provisioning.Primitives;
using Azure.Provisioning.Resources;

namespace Azure.Provisioning.AppContainers;

public class ContainerAppJob(string bicepIdentifier, string? resourceVersion = null)
    : ProvisionableResource(bicepIdentifier, "Microsoft.App/jobs", resourceVersion ?? "2025-07-01")
{
    public BicepValue<string> Name { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<AzureLocation> Location { get => Value<AzureLocation>(); set => Value<AzureLocation>().Assign(value); }

    public ContainerAppJobConfiguration Configuration { get => Model<ContainerAppJobConfiguration>(); set => SetModel(value); }

    public BicepValue<string> EnvironmentId { get => Value<string>(); set => Value<string>().Assign(value); }

    public ManagedServiceIdentity Identity { get => Model<ManagedServiceIdentity>(); set => SetModel(value); }

    public BicepDictionary<string> Tags { get => Dictionary<string>(); set => Dictionary<string>().Assign(value); }

    public ContainerAppJobTemplate Template { get => Model<ContainerAppJobTemplate>(); set => SetModel(value); }

    public BicepValue<string> WorkloadProfileName { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<ResourceIdentifier> Id => Value<ResourceIdentifier>();

    public static ContainerAppJob FromExisting(string bicepIdentifier, string? resourceVersion = null) =>
        new(bicepIdentifier, resourceVersion) { IsExistingResource = true };

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(Name), ["name"], isRequired: true);
        DefineProperty<AzureLocation>(nameof(Location), ["location"], isRequired: true);
        DefineModelProperty<ContainerAppJobConfiguration>(nameof(Configuration), ["properties", "configuration"]);
        DefineProperty<string>(nameof(EnvironmentId), ["properties", "environmentId"]);
        DefineModelProperty<ManagedServiceIdentity>(nameof(Identity), ["identity"]);
        DefineDictionaryProperty<string>(nameof(Tags), ["tags"]);
        DefineModelProperty<ContainerAppJobTemplate>(nameof(Template), ["properties", "template"]);
        DefineProperty<string>(nameof(WorkloadProfileName), ["properties", "workloadProfileName"]);
        DefineProperty<ResourceIdentifier>(nameof(Id), ["id"], isOutput: true);
    }
}
