namespace KedaJobs.ServiceBus.Entities;

/// <summary>Bringing a queue back as a journal describes it.</summary>
internal sealed partial class QueueEntity
{
    /// <summary>
    /// Creates the queue with everything but its messages: queues forward to each other, so all must exist before one holds messages.
    /// </summary>
    public QueueEntity(RestoredQueue restored, QueueOptions options, DateTime now, IJournal journal, IForwarder? forwarder)
        : this(options, now, journal, forwarder)
    {
        Id = restored.Id;
        (CreatedAt, UpdatedAt, AccessedAt) = (restored.CreatedAt, restored.UpdatedAt, restored.AccessedAt);
        JournalPlace = restored.JournalPlace;
        _lastSequenceNumber = restored.LastSequenceNumber;
        foreach (var id in restored.RememberedIds)
        {
            _history?.Restore(id);
        }

        foreach (var state in restored.SessionStates)
        {
            Main.RestoreSessionStateUnderLock(state);
        }
    }

    /// <summary>Notes the declaration of a queue that is new.</summary>
    internal void NoteDefinition(DateTime now)
    {
        using var turn = Begin(now);
        Journal.Defined(this);
    }

    /// <summary>Takes in the messages, in the order of their numbers.</summary>
    internal void RestoreMessages(RestoredQueue restored, DateTime now)
    {
        using var turn = Begin(now);
        Main.RestoreUnderLock(restored.Messages, now);
        DeadLetter.RestoreUnderLock(restored.DeadLetters, now);
        TransferDeadLetter.RestoreUnderLock(restored.TransferDeadLetters, now);
    }
}

/// <summary>A queue as a journal describes it.</summary>
internal sealed record RestoredQueue
{
    public required long Id { get; init; }

    public required RestoredDeclaration Declaration { get; init; }

    public required DateTime CreatedAt { get; init; }

    public required DateTime UpdatedAt { get; init; }

    public required DateTime AccessedAt { get; init; }

    /// <summary>No number up to this one may be given again.</summary>
    public required long LastSequenceNumber { get; init; }

    /// <summary>In the order of their times.</summary>
    public required IReadOnlyList<RememberedId> RememberedIds { get; init; }

    public required IReadOnlyList<RestoredSessionState> SessionStates { get; init; }

    /// <summary>In the order of their numbers, as the following.</summary>
    public required IReadOnlyList<RestoredMessage> Messages { get; init; }

    public required IReadOnlyList<RestoredMessage> DeadLetters { get; init; }

    public required IReadOnlyList<RestoredMessage> TransferDeadLetters { get; init; }

    public required JournalPlace JournalPlace { get; init; }
}

/// <summary>What a queue was declared as.</summary>
internal abstract record RestoredDeclaration
{
    public sealed record Queue(QueueOptions Options) : RestoredDeclaration;

    public sealed record Topic(TopicOptions Options) : RestoredDeclaration;

    /// <param name="TopicId">What the journal calls the intake of the subscription's topic.</param>
    /// <param name="Options">The declaration, of which the rules do not matter.</param>
    /// <param name="Rules">The rules.</param>
    public sealed record Subscription(long TopicId, SubscriptionOptions Options, IReadOnlyList<RestoredRule> Rules) : RestoredDeclaration;
}

/// <summary>A rule as a journal describes it.</summary>
internal sealed record RestoredRule(RuleOptions Options, DateTime CreatedAt);

/// <summary>A message as a journal describes it.</summary>
/// <param name="Message">The message.</param>
/// <param name="WasDelivering">Whether a delivery began and nothing was heard of it: it counts as unsuccessful.</param>
internal readonly record struct RestoredMessage(BrokerMessage Message, bool WasDelivering);

/// <summary>A session's state as a journal describes it.</summary>
internal sealed record RestoredSessionState(string SessionId, byte[] State, DateTime LastUpdated, JournalPlace JournalPlace);
