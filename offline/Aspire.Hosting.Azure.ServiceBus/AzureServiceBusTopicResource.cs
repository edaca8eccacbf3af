using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure;

public class AzureServiceBusTopicResource(string name, string topicName, AzureServiceBusResource parent)
    : Resource(name), IResourceWithParent<AzureServiceBusResource>, IResourceWithConnectionString
{
    public string TopicName { get; set => field = EntityName.NotEmpty(value); } = EntityName.NotEmpty(topicName);

    public AzureServiceBusResource Parent { get; } = parent;

    public TimeSpan? DefaultMessageTimeToLive { get; set; }

    public TimeSpan? DuplicateDetectionHistoryTimeWindow { get; set; }

    public bool? RequiresDuplicateDetection { get; set; }

    public ReferenceExpression ConnectionStringExpression => Parent.GetConnectionString(TopicName);

    internal List<AzureServiceBusSubscriptionResource> Subscriptions { get; } = [];

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
        [
            .. ((IResourceWithConnectionString)Parent).GetConnectionProperties(),
            new("TopicName", ReferenceExpression.Create($"{TopicName}")),
        ];
}

public class AzureServiceBusSubscriptionResource(string name, string subscriptionName, AzureServiceBusTopicResource parent)
    : Resource(name), IResourceWithParent<AzureServiceBusTopicResource>, IResourceWithConnectionString
{
    public string SubscriptionName { get; set => field = EntityName.NotEmpty(value); } = EntityName.NotEmpty(subscriptionName);

    public AzureServiceBusTopicResource Parent { get; } = parent;

    public bool? DeadLetteringOnMessageExpiration { get; set; }

    public TimeSpan? DefaultMessageTimeToLive { get; set; }

    public string? ForwardDeadLetteredMessagesTo { get; set; }

    public string? ForwardTo { get; set; }

    public TimeSpan? LockDuration { get; set; }

    public int? MaxDeliveryCount { get; set; }

    public bool? RequiresSession { get; set; }

    public List<AzureServiceBusRule> Rules { get; } = [];

    public ReferenceExpression ConnectionStringExpression =>
        Parent.Parent.GetConnectionString($"{Parent.TopicName}/Subscriptions/{SubscriptionName}");

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
    [
        .. ((IResourceWithConnectionString)Parent).GetConnectionProperties(),
        new("SubscriptionName", ReferenceExpression.Create($"{SubscriptionName}")),
    ];
}
