namespace KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

/// <summary>The properties of a message as expressions see them.</summary>
internal interface IPropertySource
{
    /// <summary>
    /// The value of an application property, whose name is compared without regard to letter case. False if there is none.
    /// </summary>
    bool TryGet(string name, out SqlValue value);

    SqlValue Get(SystemProperty property);
}

/// <summary>The properties of the scope <c>sys</c>.</summary>
internal enum SystemProperty : byte
{
    ContentType,
    CorrelationId,
    Label,
    MessageId,
    ReplyTo,
    ReplyToSessionId,
    SessionId,
    To,

    // The following cannot be set by actions.
    PartitionKey,
    TransactionPartitionKey,
    TimeToLive,
    ScheduledEnqueueTime,
    DeadLetterSource,
    EnqueuedTime,
    EnqueuedSequenceNumber,
}

internal static class SystemProperties
{
    /// <summary>How many there are.</summary>
    public const int Count = (int)SystemProperty.EnqueuedSequenceNumber + 1;

    private static readonly Dictionary<string, SystemProperty> ByName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ContentType"] = SystemProperty.ContentType,
        ["CorrelationId"] = SystemProperty.CorrelationId,
        ["Label"] = SystemProperty.Label,
        ["Subject"] = SystemProperty.Label,
        ["MessageId"] = SystemProperty.MessageId,
        ["ReplyTo"] = SystemProperty.ReplyTo,
        ["ReplyToSessionId"] = SystemProperty.ReplyToSessionId,
        ["SessionId"] = SystemProperty.SessionId,
        ["To"] = SystemProperty.To,
        ["PartitionKey"] = SystemProperty.PartitionKey,
        ["TransactionPartitionKey"] = SystemProperty.TransactionPartitionKey,
        ["ViaPartitionKey"] = SystemProperty.TransactionPartitionKey,
        ["TimeToLive"] = SystemProperty.TimeToLive,
        ["ScheduledEnqueueTime"] = SystemProperty.ScheduledEnqueueTime,
        ["ScheduledEnqueueTimeUtc"] = SystemProperty.ScheduledEnqueueTime,
        ["DeadLetterSource"] = SystemProperty.DeadLetterSource,
        ["EnqueuedTime"] = SystemProperty.EnqueuedTime,
        ["EnqueuedTimeUtc"] = SystemProperty.EnqueuedTime,
        ["EnqueuedSequenceNumber"] = SystemProperty.EnqueuedSequenceNumber,
    };

    /// <summary>The property of this name in the current or an older client; null if there is none.</summary>
    public static SystemProperty? Find(string name) => ByName.TryGetValue(name, out var property) ? property : null;

    public static bool CanBeSet(SystemProperty property) => property <= SystemProperty.To;
}
