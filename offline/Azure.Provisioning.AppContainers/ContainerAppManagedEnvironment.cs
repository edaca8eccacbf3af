using Azure.Core;
using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.AppContainers;

public class ContainerAppManagedEnvironment(string bicepIdentifier, string? resourceVersion = null)
    : ProvisionableResource(bicepIdentifier, "Microsoft.App/managedEnvironments", resourceVersion ?? "2025-07-01")
{
    public BicepValue<string> Name { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<AzureLocation> Location { get => Value<AzureLocation>(); set => Value<AzureLocation>().Assign(value); }

    public ContainerAppLogsConfiguration AppLogsConfiguration { get => Model<ContainerAppLogsConfiguration>(); set => SetModel(value); }

    public BicepDictionary<string> Tags { get => Dictionary<string>(); set => Dictionary<string>().Assign(value); }

    public BicepList<ContainerAppWorkloadProfile> WorkloadProfiles
    {
        get => List<ContainerAppWorkloadProfile>();
        set => List<ContainerAppWorkloadProfile>().Assign(value);
    }

    public BicepValue<string> DefaultDomain => Value<string>();

    public BicepValue<ResourceIdentifier> Id => Value<ResourceIdentifier>();

    public static ContainerAppManagedEnvironment FromExisting(string bicepIdentifier, string? resourceVersion = null) =>
        new(bicepIdentifier, resourceVersion) { IsExistingResource = true };

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(Name), ["name"], isRequired: true);
        DefineProperty<AzureLocation>(nameof(Location), ["location"], isRequired: true);
        DefineModelProperty<ContainerAppLogsConfiguration>(nameof(AppLogsConfiguration), ["properties", "appLogsConfiguration"]);
        DefineDictionaryProperty<string>(nameof(Tags), ["tags"]);
        DefineListProperty<ContainerAppWorkloadProfile>(nameof(WorkloadProfiles), ["properties", "workloadProfiles"]);
        DefineProperty<string>(nameof(DefaultDomain), ["properties", "defaultDomain"], isOutput: true);
        DefineProperty<ResourceIdentifier>(nameof(Id), ["id"], isOutput: true);
    }
}

public class ContainerAppLogsConfiguration : ProvisionableConstruct
{
    public BicepValue<string> Destination { get => Value<string>(); set => Value<string>().Assign(value); }

    public ContainerAppLogAnalyticsConfiguration LogAnalyticsConfiguration
    {
        get => Model<ContainerAppLogAnalyticsConfiguration>();
        set => SetModel(value);
    }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(Destination), ["destination"]);
        DefineModelProperty<ContainerAppLogAnalyticsConfiguration>(nameof(LogAnalyticsConfiguration), ["logAnalyticsConfiguration"]);
    }
}

public class ContainerAppLogAnalyticsConfiguration : ProvisionableConstruct
{
    public BicepValue<string> CustomerId { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<string> SharedKey { get => Value<string>(); set => Value<string>().Assign(value); }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(CustomerId), ["customerId"]);
        DefineProperty<string>(nameof(SharedKey), ["sharedKey"]);
    }
}

public class ContainerAppWorkloadProfile : ProvisionableConstruct
{
    public BicepValue<string> Name { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<string> WorkloadProfileType { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<int> MinimumNodeCount { get => Value<int>(); set => Value<int>().Assign(value); }

    public BicepValue<int> MaximumNodeCount { get => Value<int>(); set => Value<int>().Assign(value); }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(Name), ["name"]);
        DefineProperty<string>(nameof(WorkloadProfileType), ["workloadProfileType"]);
        DefineProperty<int>(nameof(MinimumNodeCount), ["minimumCount"]);
        DefineProperty<int>(nameof(MaximumNodeCount), ["maximumCount"]);
    }
}
