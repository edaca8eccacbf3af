using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.AppContainers;

public enum ContainerAppJobTriggerType
{
    Schedule = 0,
    Event = 1,
    Manual = 2,
}

public class ContainerAppJobConfiguration : ProvisionableConstruct
{
    public BicepList<ContainerAppWritableSecret> Secrets
    {
        get => List<ContainerAppWritableSecret>();
        set => List<ContainerAppWritableSecret>().Assign(value);
    }

    public BicepValue<ContainerAppJobTriggerType> TriggerType
    {
        get => Value<ContainerAppJobTriggerType>();
        set => Value<ContainerAppJobTriggerType>().Assign(value);
    }

    public BicepValue<int> ReplicaTimeout { get => Value<int>(); set => Value<int>().Assign(value); }

    public BicepValue<int> ReplicaRetryLimit { get => Value<int>(); set => Value<int>().Assign(value); }

    public JobConfigurationManualTriggerConfig ManualTriggerConfig
    {
        get => Model<JobConfigurationManualTriggerConfig>();
        set => SetModel(value);
    }

    public JobConfigurationScheduleTriggerConfig ScheduleTriggerConfig
    {
        get => Model<JobConfigurationScheduleTriggerConfig>();
        set => SetModel(value);
    }

    public EventTriggerConfiguration EventTriggerConfig { get => Model<EventTriggerConfiguration>(); set => SetModel(value); }

    public BicepList<ContainerAppRegistryCredentials> Registries
    {
        get => List<ContainerAppRegistryCredentials>();
        set => List<ContainerAppRegistryCredentials>().Assign(value);
    }

    public BicepList<ContainerAppIdentitySettings> IdentitySettings
    {
        get => List<ContainerAppIdentitySettings>();
        set => List<ContainerAppIdentitySettings>().Assign(value);
    }

    protected override void DefineProvisionableProperties()
    {
        DefineListProperty<ContainerAppWritableSecret>(nameof(Secrets), ["secrets"]);
        DefineProperty<ContainerAppJobTriggerType>(nameof(TriggerType), ["triggerType"]);
        DefineProperty<int>(nameof(ReplicaTimeout), ["replicaTimeout"]);
        DefineProperty<int>(nameof(ReplicaRetryLimit), ["replicaRetryLimit"]);
        DefineModelProperty<JobConfigurationManualTriggerConfig>(nameof(ManualTriggerConfig), ["manualTriggerConfig"]);
        DefineModelProperty<JobConfigurationScheduleTriggerConfig>(nameof(ScheduleTriggerConfig), ["scheduleTriggerConfig"]);
        DefineModelProperty<EventTriggerConfiguration>(nameof(EventTriggerConfig), ["eventTriggerConfig"]);
        DefineListProperty<ContainerAppRegistryCredentials>(nameof(Registries), ["registries"]);
        DefineListProperty<ContainerAppIdentitySettings>(nameof(IdentitySettings), ["identitySettings"]);
    }
}
