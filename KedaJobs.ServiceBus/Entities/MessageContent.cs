using KedaJobs.ServiceBus.Entities.Topics.Rules;
using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

namespace KedaJobs.ServiceBus.Entities;

/// <summary>What a sender sent, as the queue needs to see it. Immutable; the encoding behind it is the transport's affair.</summary>
internal abstract class MessageContent
{
    /// <summary>The encoded message, as it is kept and journaled.</summary>
    public abstract ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>The size that counts against limits, in bytes.</summary>
    public abstract int Size { get; }

    /// <summary>The message's id as text: the key of duplicate detection.</summary>
    public abstract string MessageId { get; }

    /// <summary>The session that the message belongs to, or null.</summary>
    public abstract string? SessionId { get; }

    /// <summary>How long the message may wait once it is active; <see cref="TimeSpan.MaxValue"/> where the sender set nothing.</summary>
    public abstract TimeSpan TimeToLive { get; }

    /// <summary>When the message becomes active (UTC), or null for at once.</summary>
    public abstract DateTime? ScheduledEnqueueTime { get; }

    /// <summary>Reads an application property, whose name is compared without regard to letter case. False if there is none.</summary>
    public abstract bool TryGetProperty(string name, out SqlValue value);

    /// <summary>Reads one of those system properties that are texts; null where the sender set none.</summary>
    public abstract string? GetText(SystemProperty property);

    /// <summary>The same message with application properties added or replaced.</summary>
    public abstract MessageContent WithProperties(IEnumerable<KeyValuePair<string, object?>> properties);

    /// <summary>The same message with what a rule's action changed.</summary>
    public abstract MessageContent With(MessageEdit edit);
}
