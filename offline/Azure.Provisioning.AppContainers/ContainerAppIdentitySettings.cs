using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.AppContainers;

public enum ContainerAppIdentitySettingsLifeCycle
{
    Init = 0,
    Main = 1,
    None = 2,
    All = 3,
}

public class ContainerAppIdentitySettings : ProvisionableConstruct
{
    public BicepValue<string> Identity { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<ContainerAppIdentitySettingsLifeCycle> Lifecycle
    {
        get => Value<ContainerAppIdentitySettingsLifeCycle>();
        set => Value<ContainerAppIdentitySettingsLifeCycle>().Assign(value);
    }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(Identity), ["identity"]);
        DefineProperty<ContainerAppIdentitySettingsLifeCycle>(nameof(Lifecycle), ["lifecycle"]);
    }
}
