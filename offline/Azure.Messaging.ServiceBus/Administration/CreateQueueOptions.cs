namespace Azure.Messaging.ServiceBus.Administration;

public class CreateQueueOptions
{
    public CreateQueueOptions(string name) => Description = new QueueDescription { Name = name };

    public CreateQueueOptions(QueueProperties queue) =>
        Description = (queue ?? throw new ArgumentNullException(nameof(queue))).Description.Clone();

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

    public bool EnablePartitioning
    {
        get => Description.EnablePartitioning;
        set => Description.EnablePartitioning = value;
    }

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

    public string Name
    {
        get => Description.Name;
        set => Description.Name = value;
    }

    public bool RequiresDuplicateDetection
    {
        get => Description.RequiresDuplicateDetection;
        set => Description.RequiresDuplicateDetection = value;
    }

    public bool RequiresSession
    {
        get => Description.RequiresSession;
        set => Description.RequiresSession = value;
    }

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
