using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.AppContainers;

public class ContainerAppWritableSecret : ProvisionableConstruct
{
    public BicepValue<string> Name { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<string> Value { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<string> Identity { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<Uri> KeyVaultUri { get => Value<Uri>(); set => Value<Uri>().Assign(value); }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(Name), ["name"]);
        DefineProperty<string>(nameof(Value), ["value"]);
        DefineProperty<string>(nameof(Identity), ["identity"]);
        DefineProperty<Uri>(nameof(KeyVaultUri), ["keyVaultUrl"]);
    }
}
