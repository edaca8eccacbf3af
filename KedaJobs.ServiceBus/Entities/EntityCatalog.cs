using System.Collections.Concurrent;

namespace KedaJobs.ServiceBus.Entities;

/// <summary>How a change of the catalog ended.</summary>
internal enum CatalogOutcome
{
    Done,
    Exists,
    NotFound,

    /// <summary>The values are not allowed; nothing was changed.</summary>
    Invalid,
}

/// <summary>
/// The entities of the namespace, by name without regard to letter case, and the ways between them. A subscription's name is
/// <c>topic/Subscriptions/subscription</c>.
/// </summary>
/// <param name="newJournal">Makes the journal of a queue.</param>
/// <param name="time">The clock.</param>
/// <param name="newJournalTransaction">Begins the note of a transaction; null where there are no journals.</param>
internal sealed partial class EntityCatalog(
    Func<IJournal> newJournal, TimeProvider time, Func<JournalTransaction>? newJournalTransaction = null)
    : IForwarder, IDisposable
{
    /// <summary>How often Service Bus passes a message on before it gives up.</summary>
    private const int MaxHops = 4;

    private readonly ConcurrentDictionary<string, QueueEntity> _queues = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<QueueEntity, QueueTimer> _timers = new();
    private readonly Lock _changes = new();
    private long _lastId;

    /// <summary>When the namespace came to be.</summary>
    public DateTime CreatedAt { get; init; } = time.UtcNow();

    /// <summary>Told of each message that is dead-lettered; see <see cref="QueueEntity.DeadLettered"/>.</summary>
    public Action<string, MessageContent, string?, bool>? DeadLettered { get; set; }

    /// <summary>Hears what happens to the messages of every entity.</summary>
    public IMessageObserver? Observer { get; set; }

    /// <summary>All queues in the order of their names.</summary>
    public IReadOnlyList<QueueEntity> Queues =>
        [.. _queues.Values.Where(queue => queue.Kind == EntityKind.Queue).OrderBy(queue => queue.Name, StringComparer.OrdinalIgnoreCase)];

    /// <summary>Every queue there is, also a topic's intake and a subscription's, in no order.</summary>
    public IReadOnlyCollection<QueueEntity> Entities => [.. _queues.Values];

    /// <summary>The largest message that any queue or topic takes, in bytes.</summary>
    public long MaxMessageSize { get; private set; }

    /// <summary>The queue of this name, a topic's intake, or a subscription's queue.</summary>
    public QueueEntity? Find(string name) => _queues.GetValueOrDefault(name);

    /// <summary>The queue of this name that is neither a topic's nor a subscription's.</summary>
    public QueueEntity? FindQueue(string name) => Find(name) is { Kind: EntityKind.Queue } queue ? queue : null;

    /// <summary>Creates a queue. What it forwards to must exist.</summary>
    /// <param name="options">The declaration.</param>
    /// <param name="queue">The new queue, or null.</param>
    /// <param name="problems">What is wrong with the declaration; empty if nothing.</param>
    public CatalogOutcome Create(QueueOptions options, out QueueEntity? queue, out IReadOnlyList<string> problems)
    {
        queue = null;
        problems = [.. QueueOptionsValidator.Validate(options)];
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

            problems = [.. MissingTargets(options.ForwardTo, options.ForwardDeadLetteredMessagesTo)];
            if (problems.Count > 0)
            {
                return CatalogOutcome.Invalid;
            }

            queue = new QueueEntity(options, Now, newJournal(), this) { Id = ++_lastId };
            queue.NoteDefinition(Now);
            Admit(queue);
            return CatalogOutcome.Done;
        }
    }

    /// <summary>Changes a queue's options.</summary>
    public CatalogOutcome Update(QueueOptions options, out QueueEntity? queue, out IReadOnlyList<string> problems)
    {
        lock (_changes)
        {
            problems = [];
            queue = FindQueue(options.Name);
            if (queue is null)
            {
                return CatalogOutcome.NotFound;
            }

            problems =
            [
                .. QueueOptionsValidator.Validate(options),
                .. QueueOptionsValidator.ValidateChange(queue.Options, options),
                .. MissingTargets(options.ForwardTo, options.ForwardDeadLetteredMessagesTo),
            ];
            if (problems.Count > 0)
            {
                return CatalogOutcome.Invalid;
            }

            queue.Update(options with { Name = queue.Name }, Now);
            SetMaxMessageSize();
            return CatalogOutcome.Done;
        }
    }

    public CatalogOutcome Delete(string name)
    {
        lock (_changes)
        {
            if (FindQueue(name) is not { } queue)
            {
                return CatalogOutcome.NotFound;
            }

            Dismiss(queue);
            queue.Delete(Now);
            return CatalogOutcome.Done;
        }
    }

    public void Forward(QueueEntity source, BrokerMessage message, string target, DateTime now)
    {
        string? failure;
        if (message.Hops >= MaxHops)
        {
            failure = $"The message has already been forwarded {message.Hops} times.";
        }
        else if (Find(target) is not { Kind: EntityKind.Queue or EntityKind.Topic } queue)
        {
            failure = $"There is no queue or topic '{target}'.";
        }
        else
        {
            var outcome = queue.Forward(message, now);
            failure = outcome == SendOutcome.Accepted ? null : $"'{target}' did not accept the message: {outcome}.";
        }

        source.EndTransfer(message, failure, now);
    }

    public void Dispose()
    {
        foreach (var timer in _timers.Values)
        {
            timer.Dispose();
        }
    }

    private DateTime Now => time.UtcNow();

    private void Admit(QueueEntity queue)
    {
        var timer = new QueueTimer(queue, time);
        _timers[queue] = timer;
        queue.WakeAt = timer.Arm;
        queue.IdleTimeOver = DeleteIdle;
        queue.DeadLettered = DeadLettered;
        queue.Observer = Observer;
        _queues[queue.Name] = queue;
        SetMaxMessageSize();
        queue.Advance(Now);
    }

    /// <summary>Takes a queue out of the catalog; it is still to be deleted itself.</summary>
    private void Dismiss(QueueEntity queue)
    {
        _queues.TryRemove(queue.Name, out _);
        SetMaxMessageSize();
        if (_timers.TryRemove(queue, out var timer))
        {
            timer.Dispose();
        }
    }

    private void DeleteIdle(QueueEntity idle)
    {
        lock (_changes)
        {
            // Not by name: by now another entity may have it.
            if (!idle.DeleteIfIdle(Now))
            {
                return;
            }

            idle.Subscription?.Topic.Remove(idle.Subscription);
            foreach (var subscription in idle.Topic?.Subscriptions ?? [])
            {
                Dismiss(subscription.Queue);
            }

            Dismiss(idle);
        }
    }

    private void SetMaxMessageSize() => MaxMessageSize = _queues.Values.Select(queue => queue.MaxMessageSize).DefaultIfEmpty().Max();
}
