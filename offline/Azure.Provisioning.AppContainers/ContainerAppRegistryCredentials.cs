using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.AppContainers;

public class ContainerAppRegistryCredentials : ProvisionableConstruct
{
    public BicepValue<string> Server { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<string> Username { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<string> PasswordSecretRef { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<string> Identity { get => Value<string>(); set => Value<string>().Assign(value); }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(Server), ["server"]);
        DefineProperty<string>(nameof(Username), ["username"]);
        DefineProperty<string>(nameof(PasswordSecretRef), ["passwordSecretRef"]);
        DefineProperty<string>(nameof(Identity), ["identity"]);
    }
}
