using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Hosting.Publishing.Definitions;

/// <summary>
/// The entities of the trigger's namespace that a job has to do with: the triggers, what the worker refers to, and what these pass messages on to.
/// Properties are those that were declared.
/// </summary>
internal sealed class DeclaredEntities(EventJobAnnotation job, WorkerEnvironment environment, IEnumerable<IResource> model)
{
    private readonly EntityRights _rights = EntityRights.Of(PublishedAccess.WorkerRoles(job));
    private readonly HashSet<IResource> _included = Included(job, environment, model);

    public NamespaceDefinition Namespace => new(job.Trigger.Namespace.Name)
    {
        ConnectionName = ConnectionName(job.Trigger.Namespace),
        Access = ConnectionName(job.Trigger.Namespace) is null ? [] : _rights.Everywhere,
    };

    public IReadOnlyList<QueueDefinition> Queues => [.. _included.OfType<AzureServiceBusQueueResource>().Select(Queue)];

    public IReadOnlyList<TopicDefinition> Topics =>
    [
        .. _included.OfType<AzureServiceBusTopicResource>()
            .Union(_included.OfType<AzureServiceBusSubscriptionResource>().Select(subscription => subscription.Parent))
            .Select(Topic),
    ];

    private static HashSet<IResource> Included(EventJobAnnotation job, WorkerEnvironment environment, IEnumerable<IResource> model)
    {
        var entities = Broker.NamespaceEntities.Of(job.Trigger.Namespace, model).ToList();
        var included = new HashSet<IResource>();
        var waiting = new Queue<IResource>(job.Triggers.Select(trigger => (IResource)trigger.Entity.Resource).Concat(environment.Connections.Select(connection => connection.Resource)));
        while (waiting.TryDequeue(out var resource))
        {
            if (entities.Contains(resource) && included.Add(resource))
            {
                foreach (var target in ForwardTargets(resource).SelectMany(name => entities.Where(entity => IsNamed(entity, name))))
                {
                    waiting.Enqueue(target);
                }
            }
        }

        return included;
    }

    private static IEnumerable<string> ForwardTargets(IResource entity) => (entity switch
    {
        AzureServiceBusQueueResource queue => new[] { queue.ForwardTo, queue.ForwardDeadLetteredMessagesTo },
        AzureServiceBusSubscriptionResource subscription => [subscription.ForwardTo, subscription.ForwardDeadLetteredMessagesTo],
        _ => [],
    }).OfType<string>();

    // Service Bus compares names without regard to case.
    private static bool IsNamed(IResource entity, string name) => entity switch
    {
        AzureServiceBusQueueResource queue => queue.QueueName.Equals(name, StringComparison.OrdinalIgnoreCase),
        AzureServiceBusTopicResource topic => topic.TopicName.Equals(name, StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private string? ConnectionName(IResource resource) =>
        environment.Connections.Where(connection => connection.Resource == resource).Select(connection => connection.ConnectionName).FirstOrDefault();

    private IReadOnlyList<EntityAccess> Access(IResource resource, IReadOnlyList<EntityAccess> access) => ConnectionName(resource) is null ? [] : access;

    private QueueDefinition Queue(AzureServiceBusQueueResource queue) => new()
    {
        Name = queue.QueueName,
        ConnectionName = ConnectionName(queue),
        Access = Access(queue, _rights.OnQueue(isTrigger: job.Triggers.Any(trigger => trigger.Entity.Resource == queue))),
        LockDurationSeconds = Seconds(queue.LockDuration),
        MaxDeliveryCount = queue.MaxDeliveryCount,
        DefaultMessageTimeToLiveSeconds = Seconds(queue.DefaultMessageTimeToLive),
        DeadLetteringOnMessageExpiration = queue.DeadLetteringOnMessageExpiration,
        RequiresDuplicateDetection = queue.RequiresDuplicateDetection,
        DuplicateDetectionHistoryTimeWindowSeconds = Seconds(queue.DuplicateDetectionHistoryTimeWindow),
        RequiresSession = queue.RequiresSession,
        ForwardTo = queue.ForwardTo,
        ForwardDeadLetteredMessagesTo = queue.ForwardDeadLetteredMessagesTo,
    };

    private TopicDefinition Topic(AzureServiceBusTopicResource topic) => new()
    {
        Name = topic.TopicName,
        ConnectionName = ConnectionName(topic),
        Access = Access(topic, _rights.OnTopic),
        DefaultMessageTimeToLiveSeconds = Seconds(topic.DefaultMessageTimeToLive),
        RequiresDuplicateDetection = topic.RequiresDuplicateDetection,
        DuplicateDetectionHistoryTimeWindowSeconds = Seconds(topic.DuplicateDetectionHistoryTimeWindow),
        Subscriptions = [.. _included.OfType<AzureServiceBusSubscriptionResource>().Where(subscription => subscription.Parent == topic).Select(Subscription)],
    };

    private SubscriptionDefinition Subscription(AzureServiceBusSubscriptionResource subscription) => new()
    {
        Name = subscription.SubscriptionName,
        ConnectionName = ConnectionName(subscription),
        Access = Access(subscription, _rights.OnSubscription),
        LockDurationSeconds = Seconds(subscription.LockDuration),
        MaxDeliveryCount = subscription.MaxDeliveryCount,
        DefaultMessageTimeToLiveSeconds = Seconds(subscription.DefaultMessageTimeToLive),
        DeadLetteringOnMessageExpiration = subscription.DeadLetteringOnMessageExpiration,
        RequiresSession = subscription.RequiresSession,
        ForwardTo = subscription.ForwardTo,
        ForwardDeadLetteredMessagesTo = subscription.ForwardDeadLetteredMessagesTo,
    };

    private static decimal? Seconds(TimeSpan? value) => value is { } duration ? duration.Ticks / (decimal)TimeSpan.TicksPerSecond : null;
}
