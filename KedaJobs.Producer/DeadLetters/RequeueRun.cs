using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;

namespace KedaJobs.Producer.DeadLetters;

/// <summary>One call's way through the dead-letter queue: which letters to put back, which to pass over, when to end.</summary>
/// <param name="wanted">Sequence numbers of the letters to put back; null for all.</param>
internal sealed class RequeueRun(IReadOnlySet<long>? wanted)
{
    private const string Prefix = "requeued";

    private readonly List<string> _requeued = [];
    private readonly HashSet<string> _copies = new(StringComparer.Ordinal);
    private readonly HashSet<long> _seen = [];
    private int _chosen;

    /// <summary>Ids of the jobs that were put back.</summary>
    public IReadOnlyList<string> Requeued => _requeued;

    /// <summary>Letters to give back at the end: given back earlier, they would come again at once.</summary>
    public List<ServiceBusReceivedMessage> PassedOver { get; } = [];

    /// <summary>All letters have been seen, or all that are wanted.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Only some letters are wanted.</summary>
    public bool IsSelective => wanted is not null;

    /// <summary>Whether every letter that was asked for has been put back.</summary>
    public bool IsComplete => wanted is null ? IsOver : _requeued.Count == wanted.Count;

    /// <summary>The letter as a new job.</summary>
    public static ServiceBusMessage CopyOf(ServiceBusReceivedMessage letter)
    {
        var copy = MessageCopy.Of(letter, Prefix);
        copy.ApplicationProperties.Remove(JobProperties.LastError);
        copy.ApplicationProperties.Remove(JobProperties.LastErrorType);
        copy.ApplicationProperties.Remove(JobProperties.LastExecution);
        return copy;
    }

    /// <summary>Chooses what to put back of what was received.</summary>
    public IReadOnlyList<ServiceBusReceivedMessage> Choose(IReadOnlyList<ServiceBusReceivedMessage> letters)
    {
        IsOver = letters.Count == 0;
        var chosen = new List<ServiceBusReceivedMessage>();
        foreach (var letter in letters)
        {
            // Passed over before and back after its lock expired, or a copy of ours that has failed
            // already: going on would run in a circle.
            var again = !_seen.Add(letter.SequenceNumber) || _copies.Contains(letter.MessageId);
            IsOver |= again;
            (!again && wanted?.Contains(letter.SequenceNumber) is null or true ? chosen : PassedOver).Add(letter);
        }

        _chosen += chosen.Count;
        IsOver |= _chosen == wanted?.Count;
        return chosen;
    }

    public void MarkRequeued(ServiceBusReceivedMessage letter)
    {
        _requeued.Add(JobMessages.IdOf(letter));
        _copies.Add(MessageCopy.IdOf(letter, Prefix));
    }
}
