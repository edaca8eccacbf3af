using Azure.Core;
using Azure.Provisioning;
using Azure.Provisioning.Primitives;
using Azure.Provisioning.ServiceBus;

namespace Aspire.Hosting.Azure;

// The list of the real model's surface that the stand-ins are checked against stops at queues, so topics are declared here.

internal sealed class ServiceBusTopic(string bicepIdentifier)
    : ProvisionableResource(bicepIdentifier, new ResourceType("Microsoft.ServiceBus/namespaces/topics"), "2024-01-01")
{
    private BicepValue<string>? _name;
    private BicepValue<TimeSpan>? _timeToLive;
    private BicepValue<TimeSpan>? _historyTimeWindow;
    private BicepValue<bool>? _requiresDuplicateDetection;
    private ResourceReference<ServiceBusNamespace>? _parent;

    public BicepValue<string> Name { get => Get(ref _name); set => Get(ref _name).Assign(value); }

    public BicepValue<TimeSpan> DefaultMessageTimeToLive => Get(ref _timeToLive);

    public BicepValue<TimeSpan> DuplicateDetectionHistoryTimeWindow => Get(ref _historyTimeWindow);

    public BicepValue<bool> RequiresDuplicateDetection => Get(ref _requiresDuplicateDetection);

    public ServiceBusNamespace? Parent { set => Get(ref _parent).Value = value; }

    protected override void DefineProvisionableProperties()
    {
        _name = DefineProperty<string>(nameof(Name), ["name"], isRequired: true);
        _timeToLive = DefineProperty<TimeSpan>(nameof(DefaultMessageTimeToLive), ["properties", "defaultMessageTimeToLive"]);
        _historyTimeWindow = DefineProperty<TimeSpan>(
            nameof(DuplicateDetectionHistoryTimeWindow), ["properties", "duplicateDetectionHistoryTimeWindow"]);
        _requiresDuplicateDetection = DefineProperty<bool>(
            nameof(RequiresDuplicateDetection), ["properties", "requiresDuplicateDetection"]);
        _parent = DefineResource<ServiceBusNamespace>(nameof(Parent), ["parent"], isRequired: true);
    }

    private T Get<T>(ref T? field)
    {
        Initialize();
        return field!;
    }
}

internal sealed class ServiceBusSubscription(string bicepIdentifier)
    : ProvisionableResource(bicepIdentifier, new ResourceType("Microsoft.ServiceBus/namespaces/topics/subscriptions"), "2024-01-01")
{
    private BicepValue<string>? _name;
    private BicepValue<bool>? _deadLettering;
    private BicepValue<TimeSpan>? _timeToLive;
    private BicepValue<string>? _forwardDeadLetters;
    private BicepValue<string>? _forwardTo;
    private BicepValue<TimeSpan>? _lockDuration;
    private BicepValue<int>? _maxDeliveryCount;
    private BicepValue<bool>? _requiresSession;
    private ResourceReference<ServiceBusTopic>? _parent;

    public BicepValue<string> Name { get => Get(ref _name); set => Get(ref _name).Assign(value); }

    public BicepValue<bool> DeadLetteringOnMessageExpiration => Get(ref _deadLettering);

    public BicepValue<TimeSpan> DefaultMessageTimeToLive => Get(ref _timeToLive);

    public BicepValue<string> ForwardDeadLetteredMessagesTo => Get(ref _forwardDeadLetters);

    public BicepValue<string> ForwardTo => Get(ref _forwardTo);

    public BicepValue<TimeSpan> LockDuration => Get(ref _lockDuration);

    public BicepValue<int> MaxDeliveryCount => Get(ref _maxDeliveryCount);

    public BicepValue<bool> RequiresSession => Get(ref _requiresSession);

    public ServiceBusTopic? Parent { set => Get(ref _parent).Value = value; }

    protected override void DefineProvisionableProperties()
    {
        _name = DefineProperty<string>(nameof(Name), ["name"], isRequired: true);
        _deadLettering = DefineProperty<bool>(nameof(DeadLetteringOnMessageExpiration), ["properties", "deadLetteringOnMessageExpiration"]);
        _timeToLive = DefineProperty<TimeSpan>(nameof(DefaultMessageTimeToLive), ["properties", "defaultMessageTimeToLive"]);
        _forwardDeadLetters = DefineProperty<string>(
            nameof(ForwardDeadLetteredMessagesTo), ["properties", "forwardDeadLetteredMessagesTo"]);
        _forwardTo = DefineProperty<string>(nameof(ForwardTo), ["properties", "forwardTo"]);
        _lockDuration = DefineProperty<TimeSpan>(nameof(LockDuration), ["properties", "lockDuration"]);
        _maxDeliveryCount = DefineProperty<int>(nameof(MaxDeliveryCount), ["properties", "maxDeliveryCount"]);
        _requiresSession = DefineProperty<bool>(nameof(RequiresSession), ["properties", "requiresSession"]);
        _parent = DefineResource<ServiceBusTopic>(nameof(Parent), ["parent"], isRequired: true);
    }

    private T Get<T>(ref T? field)
    {
        Initialize();
        return field!;
    }
}

internal sealed class ServiceBusRule(string bicepIdentifier)
    : ProvisionableResource(bicepIdentifier, new ResourceType("Microsoft.ServiceBus/namespaces/topics/subscriptions/rules"), "2024-01-01")
{
    private BicepValue<string>? _name;
    private BicepValue<string>? _filterType;
    private BicepDictionary<object>? _properties;
    private BicepValue<string>? _correlationId;
    private BicepValue<string>? _messageId;
    private BicepValue<string>? _to;
    private BicepValue<string>? _replyTo;
    private BicepValue<string>? _label;
    private BicepValue<string>? _sessionId;
    private BicepValue<string>? _replyToSessionId;
    private BicepValue<string>? _contentType;
    private BicepValue<bool>? _requiresPreprocessing;
    private ResourceReference<ServiceBusSubscription>? _parent;

    public BicepValue<string> Name { get => Get(ref _name); set => Get(ref _name).Assign(value); }

    public BicepValue<string> FilterType { set => Get(ref _filterType).Assign(value); }

    /// <summary>Of the correlation filter, as are the following.</summary>
    public BicepDictionary<object> ApplicationProperties => Get(ref _properties);

    public BicepValue<string> CorrelationId => Get(ref _correlationId);

    public BicepValue<string> MessageId => Get(ref _messageId);

    public BicepValue<string> To => Get(ref _to);

    public BicepValue<string> ReplyTo => Get(ref _replyTo);

    public BicepValue<string> Label => Get(ref _label);

    public BicepValue<string> SessionId => Get(ref _sessionId);

    public BicepValue<string> ReplyToSessionId => Get(ref _replyToSessionId);

    public BicepValue<string> ContentType => Get(ref _contentType);

    public BicepValue<bool> RequiresPreprocessing => Get(ref _requiresPreprocessing);

    public ServiceBusSubscription? Parent { set => Get(ref _parent).Value = value; }

    protected override void DefineProvisionableProperties()
    {
        _name = DefineProperty<string>(nameof(Name), ["name"], isRequired: true);
        _properties = DefineDictionaryProperty<object>(nameof(ApplicationProperties), Filter("properties"));
        _correlationId = DefineProperty<string>(nameof(CorrelationId), Filter("correlationId"));
        _messageId = DefineProperty<string>(nameof(MessageId), Filter("messageId"));
        _to = DefineProperty<string>(nameof(To), Filter("to"));
        _replyTo = DefineProperty<string>(nameof(ReplyTo), Filter("replyTo"));
        _label = DefineProperty<string>(nameof(Label), Filter("label"));
        _sessionId = DefineProperty<string>(nameof(SessionId), Filter("sessionId"));
        _replyToSessionId = DefineProperty<string>(nameof(ReplyToSessionId), Filter("replyToSessionId"));
        _contentType = DefineProperty<string>(nameof(ContentType), Filter("contentType"));
        _requiresPreprocessing = DefineProperty<bool>(nameof(RequiresPreprocessing), Filter("requiresPreprocessing"));
        _filterType = DefineProperty<string>(nameof(FilterType), ["properties", "filterType"]);
        _parent = DefineResource<ServiceBusSubscription>(nameof(Parent), ["parent"], isRequired: true);

        static string[] Filter(string name) => ["properties", "correlationFilter", name];
    }

    private T Get<T>(ref T? field)
    {
        Initialize();
        return field!;
    }
}
