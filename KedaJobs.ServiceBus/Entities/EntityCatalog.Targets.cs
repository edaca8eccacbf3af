namespace KedaJobs.ServiceBus.Entities;

/// <summary>
/// What entities forward to: it must exist when the source is created or changed (Microsoft Learn: "Chaining Service Bus
/// entities with autoforwarding"). If it is deleted later, what is forwarded ends in the source's transfer dead-letter queue
/// until there is a queue or topic of that name again.
/// </summary>
internal sealed partial class EntityCatalog
{
    /// <summary>
    /// The names of declared queues and topics of which some may not have been created yet: they may be
    /// forwarded to. Guarded by the lock of changes.
    /// </summary>
    private HashSet<string> _announced = [];

    /// <summary>What the declared entities forward to that is neither declared nor there already.</summary>
    public IReadOnlyList<MissingTarget> FindMissingTargets(IReadOnlyList<QueueOptions> queues, IReadOnlyList<TopicOptions> topics)
    {
        var announced = Names(queues, topics);
        return
        [
            .. queues.SelectMany(queue => MissingTargets(queue.Name, queue.ForwardTo, queue.ForwardDeadLetteredMessagesTo, announced)),
            .. topics.SelectMany(topic => topic.Subscriptions.SelectMany(subscription => MissingTargets(
                subscription.ToQueue(topic).Name, subscription.ForwardTo, subscription.ForwardDeadLetteredMessagesTo, announced))),
        ];
    }

    private static HashSet<string> Names(IReadOnlyList<QueueOptions> queues, IReadOnlyList<TopicOptions> topics) =>
        new([.. queues.Select(queue => queue.Name), .. topics.Select(topic => topic.Name)], StringComparer.OrdinalIgnoreCase);

    private IEnumerable<string> MissingTargets(SubscriptionOptions subscription) =>
        MissingTargets(subscription.ForwardTo, subscription.ForwardDeadLetteredMessagesTo)
            .Select(problem => $"Subscription '{subscription.Name}': {problem}");

    private IEnumerable<string> MissingTargets(string? forwardTo, string? deadLettersTo) =>
        MissingTargets("", forwardTo, deadLettersTo, _announced).Select(missing => $"{missing.Problem} Create it first.");

    private IEnumerable<MissingTarget> MissingTargets(string entity, string? forwardTo, string? deadLettersTo, HashSet<string> announced)
    {
        (string Property, string? Target)[] targets =
        [
            (nameof(QueueOptions.ForwardTo), forwardTo),
            (nameof(QueueOptions.ForwardDeadLetteredMessagesTo), deadLettersTo),
        ];
        return from target in targets
               let name = ForwardingTarget.NameOf(target.Target)
               where name is not null && Find(name) is not { Kind: EntityKind.Queue or EntityKind.Topic } && !announced.Contains(name)
               select new MissingTarget(entity, target.Property, name);
    }
}

/// <summary>A queue or topic that messages should be passed on to, and that there is not.</summary>
/// <param name="Entity">The queue, or <c>topic/Subscriptions/subscription</c>.</param>
/// <param name="Property">The property that names the target.</param>
/// <param name="Target">The target.</param>
internal sealed record MissingTarget(string Entity, string Property, string Target)
{
    /// <summary>What is wrong, with the property.</summary>
    public string Problem => $"{Property}: there is no queue or topic '{Target}'.";
}
