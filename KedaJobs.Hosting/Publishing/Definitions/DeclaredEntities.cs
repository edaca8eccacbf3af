using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting.Broker;
using KedaJobs.Scaling.Definitions;

namespace KedaJobs.Hosting.Publishing.Definitions;

/// <summary>
/// The entities of one namespace that a job uses: the triggers, what the worker refers to, what these forward messages to, and what
/// forwards messages to the triggers. Properties are those that were declared.
/// </summary>
internal sealed class DeclaredEntities
{
    private readonly EventJobAnnotation _job;
    private readonly AzureServiceBusResource _namespace;
    private readonly WorkerEnvironment _environment;
    private readonly EntityRights _rights;
    private readonly List<IResource> _included;

    public DeclaredEntities(
        EventJobAnnotation job, AzureServiceBusResource bus, WorkerEnvironment environment, IEnumerable<IResource> model)
    {
        (_job, _namespace, _environment) = (job, bus, environment);
        _rights = EntityRights.Of(PublishedAccess.WorkerRoles(job, bus));
        var entities = NamespaceEntities.Of(bus, model).ToList();
        var included = Included(entities);
        _included = [.. entities.Where(included.Contains)];
    }

    public NamespaceDefinition Namespace => new(_namespace.Name)
    {
        ConnectionName = ConnectionName(_namespace),
        FurtherConnectionNames = FurtherConnectionNames(_namespace),
        Access = ConnectionName(_namespace) is null ? [] : _rights.Everywhere,
        Existing = _namespace.TryGetLastAnnotation<ExistingAzureResourceAnnotation>(out var existing)
            ? new(Required(existing.Name), existing.ResourceGroup is { } group ? Required(group) : null)
            : null,
    };

    public IReadOnlyList<QueueDefinition> Queues => [.. _included.OfType<AzureServiceBusQueueResource>().Select(Queue)];

    public IReadOnlyList<TopicDefinition> Topics =>
    [
        .. _included.OfType<AzureServiceBusTopicResource>()
            .Union(_included.OfType<AzureServiceBusSubscriptionResource>().Select(subscription => subscription.Parent))
            .Select(Topic),
    ];

    private HashSet<IResource> Included(List<IResource> entities)
    {
        var included = new HashSet<IResource>();
        var waiting = new Queue<IResource>(
        [
            .. _job.Triggers.Select(trigger => (IResource)trigger.Entity.Resource).SelectMany(trigger => Sources(trigger, entities)),
            .. _environment.Connections.Select(connection => connection.Resource),
        ]);
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

    /// <summary>An entity with all whose messages end up in it by forwarding.</summary>
    private static HashSet<IResource> Sources(IResource target, List<IResource> entities)
    {
        HashSet<IResource> sources = [target];
        for (var before = 0; before < sources.Count;)
        {
            before = sources.Count;
            sources.UnionWith(
                entities.Where(entity => ForwardTo(entity) is { } name && sources.Any(source => IsNamed(source, name))).ToList());
        }

        return sources;
    }

    private static string? ForwardTo(IResource entity) => EntityName(entity switch
    {
        AzureServiceBusQueueResource queue => queue.ForwardTo,
        AzureServiceBusSubscriptionResource subscription => subscription.ForwardTo,
        _ => null,
    });

    private static IEnumerable<string> ForwardTargets(IResource entity) => (entity switch
    {
        AzureServiceBusQueueResource queue => new[] { EntityName(queue.ForwardTo), EntityName(queue.ForwardDeadLetteredMessagesTo) },
        AzureServiceBusSubscriptionResource subscription =>
            [EntityName(subscription.ForwardTo), EntityName(subscription.ForwardDeadLetteredMessagesTo)],
        _ => [],
    }).OfType<string>();

    // Service Bus also accepts the entity's URI.
    private static string? EntityName(string? target) =>
        Uri.TryCreate(target, UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? uri.AbsolutePath.Trim('/') : target;

    // Service Bus compares names case-insensitively.
    private static bool IsNamed(IResource entity, string name) => entity switch
    {
        AzureServiceBusQueueResource queue => queue.QueueName.Equals(name, StringComparison.OrdinalIgnoreCase),
        AzureServiceBusTopicResource topic => topic.TopicName.Equals(name, StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private IEnumerable<string> ConnectionNames(IResource resource) =>
        _environment.Connections.Where(connection => connection.Resource == resource).Select(connection => connection.ConnectionName);

    private string? ConnectionName(IResource resource) => ConnectionNames(resource).FirstOrDefault();

    private IReadOnlyList<string>? FurtherConnectionNames(IResource resource) =>
        ConnectionNames(resource).Skip(1).ToList() is { Count: > 0 } further ? further : null;

    private IReadOnlyList<EntityAccess> Access(IResource resource, IReadOnlyList<EntityAccess> access) =>
        ConnectionName(resource) is null ? [] : access;

    private QueueDefinition Queue(AzureServiceBusQueueResource queue) => new()
    {
        Name = queue.QueueName,
        ConnectionName = ConnectionName(queue),
        FurtherConnectionNames = FurtherConnectionNames(queue),
        Access = Access(queue, _rights.OnQueue(isTrigger: _job.Triggers.Any(trigger => trigger.Entity.Resource == queue))),
        LockDurationSeconds = Seconds(queue.LockDuration),
        MaxDeliveryCount = queue.MaxDeliveryCount,
        DefaultMessageTimeToLiveSeconds = Seconds(queue.DefaultMessageTimeToLive),
        DeadLetteringOnMessageExpiration = queue.DeadLetteringOnMessageExpiration,
        RequiresDuplicateDetection = queue.RequiresDuplicateDetection,
        DuplicateDetectionHistoryTimeWindowSeconds = Seconds(queue.DuplicateDetectionHistoryTimeWindow),
        RequiresSession = queue.RequiresSession,
        ForwardTo = EntityName(queue.ForwardTo),
        ForwardDeadLetteredMessagesTo = EntityName(queue.ForwardDeadLetteredMessagesTo),
    };

    private TopicDefinition Topic(AzureServiceBusTopicResource topic) => new()
    {
        Name = topic.TopicName,
        ConnectionName = ConnectionName(topic),
        FurtherConnectionNames = FurtherConnectionNames(topic),
        Access = Access(topic, _rights.OnTopic),
        DefaultMessageTimeToLiveSeconds = Seconds(topic.DefaultMessageTimeToLive),
        RequiresDuplicateDetection = topic.RequiresDuplicateDetection,
        DuplicateDetectionHistoryTimeWindowSeconds = Seconds(topic.DuplicateDetectionHistoryTimeWindow),
        Subscriptions = [.. _included.OfType<AzureServiceBusSubscriptionResource>().Where(subscription => subscription.Parent == topic)
            .Select(Subscription)],
    };

    private SubscriptionDefinition Subscription(AzureServiceBusSubscriptionResource subscription) => new()
    {
        Name = subscription.SubscriptionName,
        ConnectionName = ConnectionName(subscription),
        FurtherConnectionNames = FurtherConnectionNames(subscription),
        Access = Access(subscription, _rights.OnSubscription),
        LockDurationSeconds = Seconds(subscription.LockDuration),
        MaxDeliveryCount = subscription.MaxDeliveryCount,
        DefaultMessageTimeToLiveSeconds = Seconds(subscription.DefaultMessageTimeToLive),
        DeadLetteringOnMessageExpiration = subscription.DeadLetteringOnMessageExpiration,
        RequiresSession = subscription.RequiresSession,
        ForwardTo = EntityName(subscription.ForwardTo),
        ForwardDeadLetteredMessagesTo = EntityName(subscription.ForwardDeadLetteredMessagesTo),
        Rules = subscription.Rules.Count == 0 ? null : [.. subscription.Rules.Select(rule => Rule(subscription, rule))],
    };

    private static SubscriptionRuleDefinition Rule(AzureServiceBusSubscriptionResource subscription, AzureServiceBusRule rule)
    {
        if (rule.FilterType != AzureServiceBusFilterType.CorrelationFilter)
        {
            throw new JobDeclarationException(
                $"Rule '{rule.Name}' of subscription '{subscription.Name}' is a SQL filter, but Aspire's rules have no property for its "
                + "expression. Use a correlation filter.");
        }

        var filter = rule.CorrelationFilter;
        return new()
        {
            Name = rule.Name,
            CorrelationFilter = new()
            {
                CorrelationId = Value(filter.CorrelationId),
                MessageId = Value(filter.MessageId),
                To = Value(filter.SendTo),
                ReplyTo = Value(filter.ReplyTo),
                Subject = Value(filter.Subject),
                SessionId = Value(filter.SessionId),
                ReplyToSessionId = Value(filter.ReplyToSessionId),
                ContentType = Value(filter.ContentType),
                Properties = filter.Properties.Count == 0
                    ? null
                    : filter.Properties.ToDictionary(property => property.Key, property => Text(subscription, rule, property)),
                RequiresPreprocessing = filter.RequiresPreprocessing,
            },
        };
    }

    // Service Bus treats an empty text as a missing one.
    private static string? Value(string? text) => string.IsNullOrEmpty(text) ? null : text;

    // Azure's management API takes strings only (KJ023).
    private static string Text(
        AzureServiceBusSubscriptionResource subscription, AzureServiceBusRule rule, KeyValuePair<string, object> property) =>
        property.Value as string ?? throw new JobDeclarationException(
            $"Rule '{rule.Name}' of subscription '{subscription.Name}' compares '{property.Key}' with something that is not text, "
            + "which Azure does not take. Write text.");

    private DefinedText Required(object value) => DefinedTexts.Of(value)
        ?? throw new JobDeclarationException(
            $"The name or resource group of the existing namespace '{_namespace.Name}' must be text or a parameter.");

    private static decimal? Seconds(TimeSpan? value) => value is { } duration ? duration.Ticks / (decimal)TimeSpan.TicksPerSecond : null;
}
