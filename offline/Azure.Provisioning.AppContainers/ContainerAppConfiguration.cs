using System.Runtime.Serialization;
using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.AppContainers;

public enum ContainerAppActiveRevisionsMode
{
    Multiple = 0,
    Single = 1,
}

public enum ContainerAppIngressTransportMethod
{
    [DataMember(Name = "auto")]
    Auto = 0,
    [DataMember(Name = "http")]
    Http = 1,
    [DataMember(Name = "http2")]
    Http2 = 2,
    [DataMember(Name = "tcp")]
    Tcp = 3,
}

public class ContainerAppConfiguration : ProvisionableConstruct
{
    public BicepList<ContainerAppWritableSecret> Secrets
    {
        get => List<ContainerAppWritableSecret>();
        set => List<ContainerAppWritableSecret>().Assign(value);
    }

    public BicepValue<ContainerAppActiveRevisionsMode> ActiveRevisionsMode
    {
        get => Value<ContainerAppActiveRevisionsMode>();
        set => Value<ContainerAppActiveRevisionsMode>().Assign(value);
    }

    public ContainerAppIngressConfiguration Ingress { get => Model<ContainerAppIngressConfiguration>(); set => SetModel(value); }

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
        DefineProperty<ContainerAppActiveRevisionsMode>(nameof(ActiveRevisionsMode), ["activeRevisionsMode"]);
        DefineModelProperty<ContainerAppIngressConfiguration>(nameof(Ingress), ["ingress"]);
        DefineListProperty<ContainerAppRegistryCredentials>(nameof(Registries), ["registries"]);
        DefineListProperty<ContainerAppIdentitySettings>(nameof(IdentitySettings), ["identitySettings"]);
    }
}

public class ContainerAppIngressConfiguration : ProvisionableConstruct
{
    public BicepValue<bool> External { get => Value<bool>(); set => Value<bool>().Assign(value); }

    public BicepValue<int> TargetPort { get => Value<int>(); set => Value<int>().Assign(value); }

    public BicepValue<ContainerAppIngressTransportMethod> Transport
    {
        get => Value<ContainerAppIngressTransportMethod>();
        set => Value<ContainerAppIngressTransportMethod>().Assign(value);
    }

    public BicepList<IngressPortMapping> AdditionalPortMappings
    {
        get => List<IngressPortMapping>();
        set => List<IngressPortMapping>().Assign(value);
    }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<bool>(nameof(External), ["external"]);
        DefineProperty<int>(nameof(TargetPort), ["targetPort"]);
        DefineProperty<ContainerAppIngressTransportMethod>(nameof(Transport), ["transport"]);
        DefineListProperty<IngressPortMapping>(nameof(AdditionalPortMappings), ["additionalPortMappings"]);
    }
}

public class IngressPortMapping : ProvisionableConstruct
{
    public BicepValue<bool> External { get => Value<bool>(); set => Value<bool>().Assign(value); }

    public BicepValue<int> TargetPort { get => Value<int>(); set => Value<int>().Assign(value); }

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<bool>(nameof(External), ["external"]);
        DefineProperty<int>(nameof(TargetPort), ["targetPort"]);
    }
}
