namespace Azure.Messaging.ServiceBus.Administration;

public class QueueProperties
{
    internal QueueProperties(QueueDescription description) => Description = description;

    public TimeSpan AutoDeleteOnIdle
    {
        get => Description.AutoDeleteOnIdle;
        set => Description.AutoDeleteOnIdle = value;
    }

    public bool DeadLetteringOnMessageExpiration
    {
        get => Description.DeadLetteringOnMessageExpiration;
        set => Description.DeadLetteringOnMessageExpiration = value;
    }

    public TimeSpan DefaultMessageTimeToLive
    {
        get => Description.DefaultMessageTimeToLive;
        set => Description.DefaultMessageTimeToLive = value;
    }

    public TimeSpan DuplicateDetectionHistoryTimeWindow
    {
        get => Description.DuplicateDetectionHistoryTimeWindow;
        set => Description.DuplicateDetectionHistoryTimeWindow = value;
    }

    public bool EnableBatchedOperations
    {
        get => Description.EnableBatchedOperations;
        set => Description.EnableBatchedOperations = value;
    }

    public bool EnablePartitioning => Description.EnablePartitioning;

    public string ForwardDeadLetteredMessagesTo
    {
        get => Description.ForwardDeadLetteredMessagesTo;
        set => Description.ForwardDeadLetteredMessagesTo = value;
    }

    public string ForwardTo
    {
        get => Description.ForwardTo;
        set => Description.ForwardTo = value;
    }

    public TimeSpan LockDuration
    {
        get => Description.LockDuration;
        set => Description.LockDuration = value;
    }

    public int MaxDeliveryCount
    {
        get => Description.MaxDeliveryCount;
        set => Description.MaxDeliveryCount = value;
    }

    public long? MaxMessageSizeInKilobytes
    {
        get => Description.MaxMessageSizeInKilobytes;
        set => Description.MaxMessageSizeInKilobytes = value;
    }

    public long MaxSizeInMegabytes
    {
        get => Description.MaxSizeInMegabytes;
        set => Description.MaxSizeInMegabytes = value;
    }

    public string Name => Description.Name;

    public bool RequiresDuplicateDetection => Description.RequiresDuplicateDetection;

    public bool RequiresSession => Description.RequiresSession;

    public EntityStatus Status
    {
        get => Description.Status;
        set => Description.Status = value;
    }

    public string UserMetadata
    {
        get => Description.UserMetadata;
        set => Description.UserMetadata = value;
    }

    internal QueueDescription Description { get; }
}
