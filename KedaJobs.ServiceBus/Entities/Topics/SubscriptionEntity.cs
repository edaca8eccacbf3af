using KedaJobs.ServiceBus.Entities.Topics.Rules;

namespace KedaJobs.ServiceBus.Entities.Topics;

/// <summary>A subscription: a queue, and the rules that select what gets into it.</summary>
internal sealed class SubscriptionEntity
{
    private RuleSet _rules;

    /// <param name="topic">The topic that it belongs to.</param>
    /// <param name="options">The declaration; its rules are those given here.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="makeQueue">Makes the queue from its options.</param>
    public SubscriptionEntity(
        TopicEntity topic, SubscriptionOptions options, RuleSet rules, Func<QueueOptions, SubscriptionEntity, QueueEntity> makeQueue)
    {
        Topic = topic;
        Options = options;
        _rules = rules;
        Queue = makeQueue(options.ToQueue(topic.Options), this);
    }

    public TopicEntity Topic { get; }

    public string Name => Options.Name;

    /// <summary>The declaration. Its rules are those at the creation: <see cref="Rules"/> has the present ones.</summary>
    public SubscriptionOptions Options { get; private set; }

    public QueueEntity Queue { get; }

    /// <summary>The rules, as a whole replaced when one changes.</summary>
    public RuleSet Rules => Volatile.Read(ref _rules);

    /// <summary>Takes on changed options, which are set first: the queue notes them in its journal.</summary>
    public void Update(SubscriptionOptions options, DateTime now)
    {
        Options = options;
        Queue.Update(options.ToQueue(Topic.Options), now);
    }

    /// <summary>Replaces the rules: what is published from now on goes by them.</summary>
    public void Update(RuleSet rules, DateTime now)
    {
        Volatile.Write(ref _rules, rules);
        Queue.Update(Queue.Options, now);
    }
}
