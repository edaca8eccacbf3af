using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.AppContainers;

public class ContainerAppJobScale : ProvisionableConstruct
{
    public BicepValue<int> PollingIntervalInSeconds { get => Value<int>(); set => Value<int>().Assign(value); }

    public BicepValue<int> MinExecutions { get => Value<int>(); set => Value<int>().Assign(value); }

    public BicepValue<int> MaxExecutions { get => Value<int>(); set => Value<int>().Assign(value); }

    public BicepList<ContainerAppJobScaleRule> Rules
    {
        get => List<ContainerAppJobScaleRule>();
        set => List<ContainerAppJobScaleRule>().Assign(value);
    }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<int>(nameof(PollingIntervalInSeconds), ["pollingInterval"]);
        DefineProperty<int>(nameof(MinExecutions), ["minExecutions"]);
        DefineProperty<int>(nameof(MaxExecutions), ["maxExecutions"]);
        DefineListProperty<ContainerAppJobScaleRule>(nameof(Rules), ["rules"]);
    }
}

public class ContainerAppJobScaleRule : ProvisionableConstruct
{
    public BicepValue<string> Name { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<string> JobScaleRuleType { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<BinaryData> Metadata { get => Value<BinaryData>(); set => Value<BinaryData>().Assign(value); }

    public BicepList<ContainerAppScaleRuleAuth> Auth
    {
        get => List<ContainerAppScaleRuleAuth>();
        set => List<ContainerAppScaleRuleAuth>().Assign(value);
    }

    public BicepValue<string> Identity { get => Value<string>(); set => Value<string>().Assign(value); }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(Name), ["name"]);
        DefineProperty<string>(nameof(JobScaleRuleType), ["type"]);
        DefineProperty<BinaryData>(nameof(Metadata), ["metadata"]);
        DefineListProperty<ContainerAppScaleRuleAuth>(nameof(Auth), ["auth"]);
        DefineProperty<string>(nameof(Identity), ["identity"]);
    }
}

public class ContainerAppScaleRuleAuth : ProvisionableConstruct
{
    public BicepValue<string> SecretRef { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<string> TriggerParameter { get => Value<string>(); set => Value<string>().Assign(value); }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(SecretRef), ["secretRef"]);
        DefineProperty<string>(nameof(TriggerParameter), ["triggerParameter"]);
    }
}
