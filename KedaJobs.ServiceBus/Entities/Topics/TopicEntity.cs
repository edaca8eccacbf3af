using KedaJobs.ServiceBus.Entities.Topics.Rules;

namespace KedaJobs.ServiceBus.Entities.Topics;

/// <summary>
/// A topic: a queue, the intake, which takes messages as any queue does, and keeps those that are scheduled; and
/// subscriptions, to which it copies what becomes active there. Which subscriptions there are changes under the catalog's
/// lock; messages see it or the change as a whole.
/// </summary>
internal sealed class TopicEntity
{
    // Of the message that is being published, under the intake's lock.
    private readonly MessageProperties _properties = new();
    private readonly List<MessageContent> _copies = [];
    private SubscriptionEntity[] _subscriptions = [];

    /// <param name="options">The declaration; its subscriptions are not made here.</param>
    /// <param name="makeIntake">Makes the intake from its options.</param>
    public TopicEntity(TopicOptions options, Func<QueueOptions, TopicEntity, QueueEntity> makeIntake)
    {
        Options = options;
        Intake = makeIntake(options.ToIntake(), this);
    }

    public string Name => Options.Name;

    /// <summary>The declaration. Its subscriptions are those at the creation: <see cref="Subscriptions"/> has the present ones.</summary>
    public TopicOptions Options { get; private set; }

    public QueueEntity Intake { get; }

    /// <summary>Ordered by name.</summary>
    public IReadOnlyList<SubscriptionEntity> Subscriptions => Volatile.Read(ref _subscriptions);

    /// <summary>What the subscriptions hold, in bytes, dead letters included; each copy counts.</summary>
    internal long SizeOfSubscriptions
    {
        get
        {
            var size = 0L;
            foreach (var subscription in Subscriptions)
            {
                size += subscription.Queue.SizeInBytes;
            }

            return size;
        }
    }

    /// <summary>What counts towards the topic's quota: its scheduled messages and what its subscriptions hold.</summary>
    internal long SizeInBytes => Intake.SizeInBytes + SizeOfSubscriptions;

    internal DateTime LastUseOfSubscriptions =>
        _subscriptions.Select(subscription => subscription.Queue.LastUse).DefaultIfEmpty().Max();

    internal bool IsReceivedFrom => Array.Exists(_subscriptions, subscription => subscription.Queue.IsReceivedFrom);

    public SubscriptionEntity? Find(string name) =>
        Array.Find(Volatile.Read(ref _subscriptions), subscription => subscription.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Takes on changed options, which are set first because the intake notes them in its journal, and has the
    /// subscriptions follow where theirs depend on them.
    /// </summary>
    public void Update(TopicOptions options, DateTime now)
    {
        Options = options;
        Intake.Update(options.ToIntake(), now);
        foreach (var subscription in _subscriptions)
        {
            if (subscription.Options.ToQueue(options) is var changed && changed != subscription.Queue.Options)
            {
                subscription.Queue.Update(changed, now);
            }
        }
    }

    public void Add(SubscriptionEntity subscription) => Volatile.Write(
        ref _subscriptions, [.. _subscriptions.Append(subscription).OrderBy(one => one.Name, StringComparer.OrdinalIgnoreCase)]);

    public void Remove(SubscriptionEntity subscription) =>
        Volatile.Write(ref _subscriptions, [.. _subscriptions.Where(one => one != subscription)]);

    /// <summary>Copies a message that has become active to the subscriptions that select it. Called under the intake's lock.</summary>
    internal void PublishUnderLock(BrokerMessage message, DateTime now)
    {
        _properties.Begin(message);
        foreach (var subscription in Volatile.Read(ref _subscriptions))
        {
            if (SelectsUnderLock(subscription, message.Content, out var failure))
            {
                Intake.AfterwardsUnderLock(subscription.Queue.Take(message, _copies, failure, now));
            }
        }

        _copies.Clear();
        _properties.Begin(null);
    }

    /// <summary>
    /// Whether the topic takes only what a subscription selects, and one of the messages is not.
    /// Scheduled ones are looked at when they are due.
    /// </summary>
    internal bool RefusesAnyUnderLock(ReadOnlySpan<MessageContent> contents, DateTime now)
    {
        if (!Options.FilteringMessagesBeforePublishing)
        {
            return false;
        }

        foreach (var content in contents)
        {
            var isScheduled = content.ScheduledEnqueueTime is { } due && due > now;
            _properties.Begin(new BrokerMessage(content) { EnqueuedTime = now });
            if (!isScheduled && !IsSelectedUnderLock(content))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsSelectedUnderLock(MessageContent content)
    {
        foreach (var subscription in _subscriptions)
        {
            if (SelectsUnderLock(subscription, content, out _))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a subscription gets anything of the message: copies, or a dead letter because a rule failed.</summary>
    private bool SelectsUnderLock(SubscriptionEntity subscription, MessageContent content, out string? failure)
    {
        _copies.Clear();
        subscription.Rules.Select(_properties, content, _copies, out failure);
        failure = subscription.Options.DeadLetteringOnFilterEvaluationExceptions ? failure : null;
        return _copies.Count > 0 || failure is not null;
    }
}
