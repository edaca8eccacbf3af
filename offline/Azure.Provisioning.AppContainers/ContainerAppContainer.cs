using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.AppContainers;

public class ContainerAppContainer : ProvisionableConstruct
{
    public BicepValue<string> Image { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<string> Name { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepList<string> Command { get => List<string>(); set => List<string>().Assign(value); }

    public BicepList<string> Args { get => List<string>(); set => List<string>().Assign(value); }

    public BicepList<ContainerAppEnvironmentVariable> Env
    {
        get => List<ContainerAppEnvironmentVariable>();
        set => List<ContainerAppEnvironmentVariable>().Assign(value);
    }

    public AppContainerResources Resources { get => Model<AppContainerResources>(); set => SetModel(value); }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(Image), ["image"]);
        DefineProperty<string>(nameof(Name), ["name"]);
        DefineListProperty<string>(nameof(Command), ["command"]);
        DefineListProperty<string>(nameof(Args), ["args"]);
        DefineListProperty<ContainerAppEnvironmentVariable>(nameof(Env), ["env"]);
        DefineModelProperty<AppContainerResources>(nameof(Resources), ["resources"]);
    }
}

public class ContainerAppEnvironmentVariable : ProvisionableConstruct
{
    public BicepValue<string> Name { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<string> Value { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<string> SecretRef { get => Value<string>(); set => Value<string>().Assign(value); }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(Name), ["name"]);
        DefineProperty<string>(nameof(Value), ["value"]);
        DefineProperty<string>(nameof(SecretRef), ["secretRef"]);
    }
}

public class AppContainerResources : ProvisionableConstruct
{
    public BicepValue<double> Cpu { get => Value<double>(); set => Value<double>().Assign(value); }

    public BicepValue<string> Memory { get => Value<string>(); set => Value<string>().Assign(value); }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<double>(nameof(Cpu), ["cpu"]);
        DefineProperty<string>(nameof(Memory), ["memory"]);
    }
}
