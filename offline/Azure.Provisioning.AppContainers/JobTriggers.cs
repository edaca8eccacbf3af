using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.AppContainers;

public class JobConfigurationManualTriggerConfig : ProvisionableConstruct
{
    public BicepValue<int> ReplicaCompletionCount { get => Value<int>(); set => Value<int>().Assign(value); }

    public BicepValue<int> Parallelism { get => Value<int>(); set => Value<int>().Assign(value); }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<int>(nameof(ReplicaCompletionCount), ["replicaCompletionCount"]);
        DefineProperty<int>(nameof(Parallelism), ["parallelism"]);
    }
}

public class JobConfigurationScheduleTriggerConfig : ProvisionableConstruct
{
    public BicepValue<int> ReplicaCompletionCount { get => Value<int>(); set => Value<int>().Assign(value); }

    public BicepValue<string> CronExpression { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<int> Parallelism { get => Value<int>(); set => Value<int>().Assign(value); }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<int>(nameof(ReplicaCompletionCount), ["replicaCompletionCount"]);
        DefineProperty<string>(nameof(CronExpression), ["cronExpression"]);
        DefineProperty<int>(nameof(Parallelism), ["parallelism"]);
    }
}

public class EventTriggerConfiguration : ProvisionableConstruct
{
    public BicepValue<int> ReplicaCompletionCount { get => Value<int>(); set => Value<int>().Assign(value); }

    public BicepValue<int> Parallelism { get => Value<int>(); set => Value<int>().Assign(value); }

    public ContainerAppJobScale Scale { get => Model<ContainerAppJobScale>(); set => SetModel(value); }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<int>(nameof(ReplicaCompletionCount), ["replicaCompletionCount"]);
        DefineProperty<int>(nameof(Parallelism), ["parallelism"]);
        DefineModelProperty<ContainerAppJobScale>(nameof(Scale), ["scale"]);
    }
}
