using KedaJobs.ServiceBus.Entities.Topics;
using KedaJobs.ServiceBus.Entities.Topics.Rules;

namespace KedaJobs.ServiceBus.Entities;

/// <summary>Topics, their subscriptions and the rules of these.</summary>
internal sealed partial class EntityCatalog
{
    /// <summary>All topics in the order of their names.</summary>
    public IReadOnlyList<TopicEntity> Topics =>
        [.. _queues.Values.Select(queue => queue.Topic).OfType<TopicEntity>()
            .OrderBy(topic => topic.Name, StringComparer.OrdinalIgnoreCase)];

    public TopicEntity? FindTopic(string name) => Find(name)?.Topic;

    /// <summary>Creates a topic with the subscriptions and rules of its declaration.</summary>
    /// <param name="options">The declaration.</param>
    /// <param name="topic">The new topic, or null.</param>
    /// <param name="problems">What is wrong with the declaration; empty if nothing.</param>
    public CatalogOutcome Create(TopicOptions options, out TopicEntity? topic, out IReadOnlyList<string> problems)
    {
        topic = null;
        problems = [.. TopicOptionsValidator.Validate(options)];
        if (problems.Count > 0)
        {
            return CatalogOutcome.Invalid;
        }

        lock (_changes)
        {
            if (_queues.ContainsKey(options.Name))
            {
                return CatalogOutcome.Exists;
            }

            problems = [.. options.Subscriptions.SelectMany(MissingTargets)];
            if (problems.Count > 0)
            {
                return CatalogOutcome.Invalid;
            }

            topic = new TopicEntity(
                options, (intake, owner) => new QueueEntity(intake, Now, newJournal(), this) { Id = ++_lastId, Topic = owner });
            foreach (var subscription in options.Subscriptions)
            {
                topic.Add(Make(topic, subscription));
            }

            // Messages come only when all is ready for them.
            topic.Intake.NoteDefinition(Now);
            foreach (var subscription in topic.Subscriptions)
            {
                Enter(subscription.Queue);
            }

            Admit(topic.Intake);
            return CatalogOutcome.Done;
        }
    }

    /// <summary>Changes a topic's options. Its subscriptions are not touched by those of the declaration.</summary>
    public CatalogOutcome Update(TopicOptions options, out TopicEntity? topic, out IReadOnlyList<string> problems)
    {
        lock (_changes)
        {
            problems = [];
            topic = FindTopic(options.Name);
            if (topic is null)
            {
                return CatalogOutcome.NotFound;
            }

            problems = [.. TopicOptionsValidator.Validate(options), .. TopicOptionsValidator.ValidateChange(topic.Options, options)];
            if (problems.Count > 0)
            {
                return CatalogOutcome.Invalid;
            }

            topic.Update(options with { Name = topic.Name }, Now);
            SetMaxMessageSize();
            return CatalogOutcome.Done;
        }
    }

    public CatalogOutcome DeleteTopic(string name)
    {
        lock (_changes)
        {
            if (FindTopic(name) is not { } topic)
            {
                return CatalogOutcome.NotFound;
            }

            // First out of the catalog, so that nothing more comes in; then its subscriptions first, so that none
            // is ever without its topic in the journal.
            Dismiss(topic.Intake);
            foreach (var queue in topic.Subscriptions.Select(subscription => subscription.Queue))
            {
                Dismiss(queue);
                queue.Delete(Now);
            }

            topic.Intake.Delete(Now);

            return CatalogOutcome.Done;
        }
    }

    /// <summary>Creates a subscription with the rules of its declaration.</summary>
    public CatalogOutcome Create(
        string topicName, SubscriptionOptions options, out SubscriptionEntity? subscription, out IReadOnlyList<string> problems)
    {
        lock (_changes)
        {
            subscription = null;
            problems = [];
            if (FindTopic(topicName) is not { } topic)
            {
                return CatalogOutcome.NotFound;
            }

            if (topic.Find(options.Name) is not null)
            {
                return CatalogOutcome.Exists;
            }

            problems =
            [
                .. TopicOptionsValidator.Validate(topic.Options, options),
                .. MissingTargets(options.ForwardTo, options.ForwardDeadLetteredMessagesTo),
            ];
            if (problems.Count > 0)
            {
                return CatalogOutcome.Invalid;
            }

            subscription = Make(topic, options);
            Enter(subscription.Queue);
            topic.Add(subscription);
            topic.Intake.Touch(Now);
            return CatalogOutcome.Done;
        }
    }

    /// <summary>Changes a subscription's options. Its rules are not touched by those of the declaration.</summary>
    public CatalogOutcome Update(
        string topicName, SubscriptionOptions options, out SubscriptionEntity? subscription, out IReadOnlyList<string> problems)
    {
        lock (_changes)
        {
            problems = [];
            subscription = FindTopic(topicName)?.Find(options.Name);
            if (subscription is null)
            {
                return CatalogOutcome.NotFound;
            }

            var topic = subscription.Topic;
            problems =
            [
                .. TopicOptionsValidator.Validate(topic.Options, options),
                .. TopicOptionsValidator.ValidateChange(topic.Options, subscription.Options, options),
                .. MissingTargets(options.ForwardTo, options.ForwardDeadLetteredMessagesTo),
            ];
            if (problems.Count > 0)
            {
                return CatalogOutcome.Invalid;
            }

            subscription.Update(options with { Name = subscription.Name }, Now);
            return CatalogOutcome.Done;
        }
    }

    public CatalogOutcome DeleteSubscription(string topicName, string name)
    {
        lock (_changes)
        {
            if (FindTopic(topicName)?.Find(name) is not { } subscription)
            {
                return CatalogOutcome.NotFound;
            }

            subscription.Topic.Remove(subscription);
            Dismiss(subscription.Queue);
            subscription.Queue.Delete(Now);
            return CatalogOutcome.Done;
        }
    }

    /// <summary>Adds a rule to a subscription, or replaces one.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="options">The rule.</param>
    /// <param name="replace">Whether the rule must exist already, or must not.</param>
    /// <param name="rule">The rule, or null.</param>
    /// <param name="problems">What is wrong with the rule; empty if nothing.</param>
    public CatalogOutcome Define(
        SubscriptionEntity subscription, RuleOptions options, bool replace, out CompiledRule? rule, out IReadOnlyList<string> problems)
    {
        rule = null;
        problems = [.. TopicOptionsValidator.Validate(options)];
        if (problems.Count > 0)
        {
            return CatalogOutcome.Invalid;
        }

        lock (_changes)
        {
            var existing = subscription.Rules.Find(options.Name);
            if (subscription.Queue.IsDeleted || (replace && existing is null))
            {
                return CatalogOutcome.NotFound;
            }

            if (!replace && existing is not null)
            {
                return CatalogOutcome.Exists;
            }

            rule = new CompiledRule(options with { Name = existing?.Name ?? options.Name }, existing?.CreatedAt ?? Now);
            subscription.Update(subscription.Rules.With(rule), Now);
            return CatalogOutcome.Done;
        }
    }

    public CatalogOutcome DeleteRule(SubscriptionEntity subscription, string name)
    {
        lock (_changes)
        {
            if (subscription.Queue.IsDeleted || subscription.Rules.Find(name) is not { } rule)
            {
                return CatalogOutcome.NotFound;
            }

            subscription.Update(subscription.Rules.Without(rule.Name), Now);
            return CatalogOutcome.Done;
        }
    }

    private SubscriptionEntity Make(TopicEntity topic, SubscriptionOptions options) => new(
        topic,
        options,
        new RuleSet(options.Rules.Select(rule => new CompiledRule(rule, Now))),
        (queue, owner) => new QueueEntity(queue, Now, newJournal(), this) { Id = ++_lastId, Subscription = owner });

    private void Enter(QueueEntity queue)
    {
        queue.NoteDefinition(Now);
        Admit(queue);
    }
}
