using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure;

public class AzureServiceBusQueueResource(string name, string queueName, AzureServiceBusResource parent)
    : Resource(name), IResourceWithParent<AzureServiceBusResource>, IResourceWithConnectionString
{
    public string QueueName { get; set => field = EntityName.NotEmpty(value); } = EntityName.NotEmpty(queueName);

    public AzureServiceBusResource Parent { get; } = parent;

    public bool? DeadLetteringOnMessageExpiration { get; set; }

    public TimeSpan? DefaultMessageTimeToLive { get; set; }

    public TimeSpan? DuplicateDetectionHistoryTimeWindow { get; set; }

    public string? ForwardDeadLetteredMessagesTo { get; set; }

    public string? ForwardTo { get; set; }

    public TimeSpan? LockDuration { get; set; }

    public int? MaxDeliveryCount { get; set; }

    public bool? RequiresDuplicateDetection { get; set; }

    public bool? RequiresSession { get; set; }

    public ReferenceExpression ConnectionStringExpression => Parent.GetConnectionString(QueueName);

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
        [
            .. ((IResourceWithConnectionString)Parent).GetConnectionProperties(),
            new("QueueName", ReferenceExpression.Create($"{QueueName}")),
        ];
}
