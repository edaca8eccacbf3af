using System.Xml;
using System.Xml.Linq;

namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>A queue's settings, and their XML form in the management API.</summary>
internal sealed class QueueDescription
{
    public static readonly XNamespace Connect = "http://schemas.microsoft.com/netservices/2010/10/servicebus/connect";
    private string _name;
    private TimeSpan _lockDuration = TimeSpan.FromMinutes(1);
    private TimeSpan _defaultMessageTimeToLive = TimeSpan.MaxValue;
    private TimeSpan _autoDeleteOnIdle = TimeSpan.MaxValue;
    private TimeSpan _duplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(1);
    private int _maxDeliveryCount = 10;
    private string _userMetadata;

    public string Name
    {
        get => _name;
        set
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, 260, nameof(Name));
            _name = value;
        }
    }

    public TimeSpan LockDuration
    {
        get => _lockDuration;
        set => _lockDuration = AtLeast(value, TimeSpan.FromTicks(1), nameof(LockDuration));
    }

    public TimeSpan DefaultMessageTimeToLive
    {
        get => _defaultMessageTimeToLive;
        set => _defaultMessageTimeToLive = AtLeast(value, TimeSpan.FromSeconds(1), nameof(DefaultMessageTimeToLive));
    }

    public TimeSpan AutoDeleteOnIdle
    {
        get => _autoDeleteOnIdle;
        set => _autoDeleteOnIdle = AtLeast(value, TimeSpan.FromMinutes(5), nameof(AutoDeleteOnIdle));
    }

    public TimeSpan DuplicateDetectionHistoryTimeWindow
    {
        get => _duplicateDetectionHistoryTimeWindow;
        set => _duplicateDetectionHistoryTimeWindow = AtLeast(value, TimeSpan.FromSeconds(20), nameof(DuplicateDetectionHistoryTimeWindow));
    }

    public int MaxDeliveryCount
    {
        get => _maxDeliveryCount;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(MaxDeliveryCount));
            _maxDeliveryCount = value;
        }
    }

    public string UserMetadata
    {
        get => _userMetadata;
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value?.Length ?? 0, 1024, nameof(UserMetadata));
            _userMetadata = value;
        }
    }

    public long MaxSizeInMegabytes { get; set; } = 1024;

    public long? MaxMessageSizeInKilobytes { get; set; }

    public bool RequiresDuplicateDetection { get; set; }

    public bool RequiresSession { get; set; }

    public bool DeadLetteringOnMessageExpiration { get; set; }

    public bool EnableBatchedOperations { get; set; } = true;

    public bool EnablePartitioning { get; set; }

    public EntityStatus Status { get; set; } = EntityStatus.Active;

    public string ForwardTo { get; set; }

    public string ForwardDeadLetteredMessagesTo { get; set; }

    public QueueDescription Clone() => (QueueDescription)MemberwiseClone();

    /// <summary>The children's order is the schema's.</summary>
    public XElement ToXml() => new(
        Connect + "QueueDescription",
        Element(nameof(LockDuration), LockDuration),
        Element(nameof(MaxSizeInMegabytes), MaxSizeInMegabytes),
        Element(nameof(RequiresDuplicateDetection), RequiresDuplicateDetection),
        Element(nameof(RequiresSession), RequiresSession),
        Element(nameof(DefaultMessageTimeToLive), DefaultMessageTimeToLive),
        Element(nameof(DeadLetteringOnMessageExpiration), DeadLetteringOnMessageExpiration),
        RequiresDuplicateDetection ? Element(nameof(DuplicateDetectionHistoryTimeWindow), DuplicateDetectionHistoryTimeWindow) : null,
        Element(nameof(MaxDeliveryCount), MaxDeliveryCount),
        Element(nameof(EnableBatchedOperations), EnableBatchedOperations),
        Element("IsAnonymousAccessible", false),
        Element(nameof(Status), Status.ToString()),
        Element(nameof(ForwardTo), ForwardTo),
        Element(nameof(UserMetadata), UserMetadata),
        Element("SupportOrdering", true),
        Element(nameof(AutoDeleteOnIdle), AutoDeleteOnIdle),
        Element(nameof(EnablePartitioning), EnablePartitioning),
        Element(nameof(ForwardDeadLetteredMessagesTo), ForwardDeadLetteredMessagesTo),
        Element("EnableExpress", false),
        Element(nameof(MaxMessageSizeInKilobytes), MaxMessageSizeInKilobytes));

    public static QueueDescription Parse(string name, XElement xml)
    {
        var result = new QueueDescription { Name = name };
        foreach (var element in xml.Elements())
        {
            result.Set(element.Name.LocalName, element.Value);
        }

        return result;
    }

    private void Set(string property, string value)
    {
        switch (property)
        {
            case nameof(LockDuration):
                LockDuration = Duration(value);
                break;
            case nameof(MaxSizeInMegabytes):
                MaxSizeInMegabytes = XmlConvert.ToInt64(value);
                break;
            case nameof(RequiresDuplicateDetection):
                RequiresDuplicateDetection = XmlConvert.ToBoolean(value);
                break;
            case nameof(RequiresSession):
                RequiresSession = XmlConvert.ToBoolean(value);
                break;
            case nameof(DefaultMessageTimeToLive):
                DefaultMessageTimeToLive = Duration(value);
                break;
            case nameof(DeadLetteringOnMessageExpiration):
                DeadLetteringOnMessageExpiration = XmlConvert.ToBoolean(value);
                break;
            case nameof(DuplicateDetectionHistoryTimeWindow):
                DuplicateDetectionHistoryTimeWindow = Duration(value);
                break;
            case nameof(MaxDeliveryCount):
                MaxDeliveryCount = XmlConvert.ToInt32(value);
                break;
            case nameof(EnableBatchedOperations):
                EnableBatchedOperations = XmlConvert.ToBoolean(value);
                break;
            case nameof(Status):
                Status = value;
                break;
            case nameof(ForwardTo):
                ForwardTo = NoneIfEmpty(value);
                break;
            case nameof(UserMetadata):
                UserMetadata = value;
                break;
            case nameof(AutoDeleteOnIdle):
                AutoDeleteOnIdle = Duration(value);
                break;
            case nameof(EnablePartitioning):
                EnablePartitioning = XmlConvert.ToBoolean(value);
                break;
            case nameof(ForwardDeadLetteredMessagesTo):
                ForwardDeadLetteredMessagesTo = NoneIfEmpty(value);
                break;
            case nameof(MaxMessageSizeInKilobytes):
                MaxMessageSizeInKilobytes = XmlConvert.ToInt64(value);
                break;
        }
    }

    internal static XElement Element(string name, object value) => value switch
    {
        null => null,
        TimeSpan time => time == TimeSpan.MaxValue ? null : new XElement(Connect + name, XmlConvert.ToString(time)),
        _ => new XElement(Connect + name, value),
    };

    private static string NoneIfEmpty(string value) => string.IsNullOrWhiteSpace(value) ? null : value;

    private static TimeSpan AtLeast(TimeSpan value, TimeSpan minimum, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, minimum, name);
        return value;
    }

    // Unlimited is written as a duration of ten million days, a little more or less.
    internal static TimeSpan Duration(string value)
    {
        try
        {
            return XmlConvert.ToTimeSpan(value);
        }
        catch (OverflowException)
        {
            return TimeSpan.MaxValue;
        }
    }
}
