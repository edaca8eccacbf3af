using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.ServiceBus;

public enum ServiceBusSkuName
{
    Basic = 0,
    Standard = 1,
    Premium = 2,
}

public enum ServiceBusSkuTier
{
    Basic = 0,
    Standard = 1,
    Premium = 2,
}

public class ServiceBusSku : ProvisionableConstruct
{
    public BicepValue<ServiceBusSkuName> Name { get => Value<ServiceBusSkuName>(); set => Value<ServiceBusSkuName>().Assign(value); }

    public BicepValue<ServiceBusSkuTier> Tier { get => Value<ServiceBusSkuTier>(); set => Value<ServiceBusSkuTier>().Assign(value); }

    public BicepValue<int> Capacity { get => Value<int>(); set => Value<int>().Assign(value); }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<ServiceBusSkuName>(nameof(Name), ["name"]);
        DefineProperty<ServiceBusSkuTier>(nameof(Tier), ["tier"]);
        DefineProperty<int>(nameof(Capacity), ["capacity"]);
    }
}
