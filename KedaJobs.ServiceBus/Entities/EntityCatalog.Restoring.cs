using KedaJobs.ServiceBus.Entities.Topics;
using KedaJobs.ServiceBus.Entities.Topics.Rules;

namespace KedaJobs.ServiceBus.Entities;

/// <summary>What a broker's start makes of what there was before.</summary>
internal sealed partial class EntityCatalog
{
    /// <summary>Brings queues, topics and subscriptions back. To be called once, before all else.</summary>
    /// <param name="restored">The queues, those of topics and subscriptions too.</param>
    /// <param name="lastId">The highest id that any queue ever had.</param>
    public void Restore(IReadOnlyList<RestoredQueue> restored, long lastId)
    {
        _lastId = lastId;

        // Topics before their subscriptions, whatever their ids.
        var topics = restored.Where(queue => queue.Declaration is RestoredDeclaration.Topic).ToDictionary(queue => queue.Id, RestoreTopic);
        var queues = restored.Select(queue => (Restored: queue, Entity: RestoreQueue(queue, topics))).ToList();
        foreach (var (_, entity) in queues)
        {
            _queues[entity.Name] = entity;
        }

        foreach (var (queue, entity) in queues)
        {
            entity.RestoreMessages(queue, Now);
        }

        foreach (var (_, entity) in queues)
        {
            Admit(entity);
        }
    }

    private TopicEntity RestoreTopic(RestoredQueue restored) => new(
        ((RestoredDeclaration.Topic)restored.Declaration).Options,
        (intake, owner) => new QueueEntity(restored, intake, Now, newJournal(), this) { Topic = owner });

    private QueueEntity RestoreQueue(RestoredQueue restored, Dictionary<long, TopicEntity> topics)
    {
        switch (restored.Declaration)
        {
            case RestoredDeclaration.Topic:
                return topics[restored.Id].Intake;
            case RestoredDeclaration.Subscription declared:
                var subscription = new SubscriptionEntity(
                    topics[declared.TopicId],
                    declared.Options,
                    new RuleSet(declared.Rules.Select(rule => new CompiledRule(rule.Options, rule.CreatedAt))),
                    (queue, owner) => new QueueEntity(restored, queue, Now, newJournal(), this) { Subscription = owner });
                subscription.Topic.Add(subscription);
                return subscription.Queue;
            default:
                return new QueueEntity(restored, ((RestoredDeclaration.Queue)restored.Declaration).Options, Now, newJournal(), this);
        }
    }
}
