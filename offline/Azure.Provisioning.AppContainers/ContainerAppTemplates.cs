using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.AppContainers;

public class ContainerAppJobTemplate : ProvisionableConstruct
{
    public BicepList<ContainerAppContainer> Containers
    {
        get => List<ContainerAppContainer>();
        set => List<ContainerAppContainer>().Assign(value);
    }

    protected override void DefineProvisionableProperties() =>
        DefineListProperty<ContainerAppContainer>(nameof(Containers), ["containers"]);
}

public class ContainerAppTemplate : ProvisionableConstruct
{
    public BicepList<ContainerAppContainer> Containers
    {
        get => List<ContainerAppContainer>();
        set => List<ContainerAppContainer>().Assign(value);
    }

    public ContainerAppScale Scale { get => Model<ContainerAppScale>(); set => SetModel(value); }

    protected override void DefineProvisionableProperties()
    {
        DefineListProperty<ContainerAppContainer>(nameof(Containers), ["containers"]);
        DefineModelProperty<ContainerAppScale>(nameof(Scale), ["scale"]);
    }
}

public class ContainerAppScale : ProvisionableConstruct
{
    public BicepValue<int> MinReplicas { get => Value<int>(); set => Value<int>().Assign(value); }

    public BicepValue<int> MaxReplicas { get => Value<int>(); set => Value<int>().Assign(value); }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<int>(nameof(MinReplicas), ["minReplicas"]);
        DefineProperty<int>(nameof(MaxReplicas), ["maxReplicas"]);
    }
}
