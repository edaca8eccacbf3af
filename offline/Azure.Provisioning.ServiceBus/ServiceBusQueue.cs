using Azure.Core;
using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.ServiceBus;

public class ServiceBusQueue(string bicepIdentifier, string? resourceVersion = null)
    : ProvisionableResource(bicepIdentifier, "Microsoft.ServiceBus/namespaces/queues", resourceVersion ?? "2024-01-01")
{
    private ResourceReference<ServiceBusNamespace>? _parent;

    public BicepValue<string> Name { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<bool> DeadLetteringOnMessageExpiration { get => Value<bool>(); set => Value<bool>().Assign(value); }

    public BicepValue<TimeSpan> DefaultMessageTimeToLive { get => Value<TimeSpan>(); set => Value<TimeSpan>().Assign(value); }

    public BicepValue<TimeSpan> DuplicateDetectionHistoryTimeWindow { get => Value<TimeSpan>(); set => Value<TimeSpan>().Assign(value); }

    public BicepValue<string> ForwardDeadLetteredMessagesTo { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<string> ForwardTo { get => Value<string>(); set => Value<string>().Assign(value); }

    public BicepValue<TimeSpan> LockDuration { get => Value<TimeSpan>(); set => Value<TimeSpan>().Assign(value); }

    public BicepValue<int> MaxDeliveryCount { get => Value<int>(); set => Value<int>().Assign(value); }

    public BicepValue<bool> RequiresDuplicateDetection { get => Value<bool>(); set => Value<bool>().Assign(value); }

    public BicepValue<bool> RequiresSession { get => Value<bool>(); set => Value<bool>().Assign(value); }

    public ServiceBusNamespace? Parent
    {
        get
        {
            Initialize();
            return _parent!.Value;
        }
        set
        {
            Initialize();
            _parent!.Value = value;
        }
    }

    public BicepValue<ResourceIdentifier> Id => Value<ResourceIdentifier>();

    public static ServiceBusQueue FromExisting(string bicepIdentifier, string? resourceVersion = null) =>
        new(bicepIdentifier, resourceVersion) { IsExistingResource = true };

    public override ResourceNameRequirements GetResourceNameRequirements() => new(1, 260,
        ResourceNameCharacters.Alphanumeric
            | ResourceNameCharacters.Hyphen
            | ResourceNameCharacters.Underscore
            | ResourceNameCharacters.Period);

    protected override void DefineProvisionableProperties()
    {
        DefineProperty<string>(nameof(Name), ["name"], isRequired: true);
        DefineProperty<bool>(nameof(DeadLetteringOnMessageExpiration), ["properties", "deadLetteringOnMessageExpiration"]);
        DefineProperty<TimeSpan>(nameof(DefaultMessageTimeToLive), ["properties", "defaultMessageTimeToLive"]);
        DefineProperty<TimeSpan>(nameof(DuplicateDetectionHistoryTimeWindow), ["properties", "duplicateDetectionHistoryTimeWindow"]);
        DefineProperty<string>(nameof(ForwardDeadLetteredMessagesTo), ["properties", "forwardDeadLetteredMessagesTo"]);
        DefineProperty<string>(nameof(ForwardTo), ["properties", "forwardTo"]);
        DefineProperty<TimeSpan>(nameof(LockDuration), ["properties", "lockDuration"]);
        DefineProperty<int>(nameof(MaxDeliveryCount), ["properties", "maxDeliveryCount"]);
        DefineProperty<bool>(nameof(RequiresDuplicateDetection), ["properties", "requiresDuplicateDetection"]);
        DefineProperty<bool>(nameof(RequiresSession), ["properties", "requiresSession"]);
        _parent = DefineResource<ServiceBusNamespace>(nameof(Parent), ["parent"], isRequired: true);
        DefineProperty<ResourceIdentifier>(nameof(Id), ["id"], isOutput: true);
    }
}
