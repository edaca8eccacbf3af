using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;

namespace KedaJobs.Producer.DeadLetters;

/// <summary>One call's way through the dead-letter queue: which letters to put back, which to pass over, when to end.</summary>
internal sealed class RequeueRun(string? id)
{
    private readonly List<string> _requeued = [];
    private readonly HashSet<string> _copies = new(StringComparer.Ordinal);
    private readonly HashSet<long> _seen = [];

    /// <summary>Ids of the jobs that were put back.</summary>
    public IReadOnlyList<string> Requeued => _requeued;

    /// <summary>Letters to give back at the end: given back earlier, they would come again at once.</summary>
    public List<ServiceBusReceivedMessage> PassedOver { get; } = [];

    /// <summary>All letters have been seen.</summary>
    public bool IsOver { get; private set; }

    /// <summary>
    /// A copy under a MessageId of its own: where the jobs queue has duplicate detection, a copy under the old one would be accepted and dropped. The
    /// new one is the same whenever this letter is put back, so that trying again after a failure enqueues no second copy there.
    /// </summary>
    public static ServiceBusMessage CopyOf(ServiceBusReceivedMessage letter)
    {
        var jobId = JobMessages.IdOf(letter);
        var copy = new ServiceBusMessage(letter) { MessageId = CopyId(letter) };
        copy.ApplicationProperties[JobProperties.JobId] = jobId;

        // The client leaves these out of a copy and would write the requeue request's: the job stays in the trace of the request that posted it.
        foreach (var name in JobProperties.TraceContext)
        {
            if (letter.ApplicationProperties.TryGetValue(name, out var value))
            {
                copy.ApplicationProperties[name] = value;
            }
        }

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
            // Passed over before and back after its lock expired, or a copy of ours that has failed already: going on would run in a circle.
            var again = !_seen.Add(letter.SequenceNumber) || _copies.Contains(letter.MessageId);
            IsOver |= again;
            (!again && (id is null || JobMessages.IdOf(letter) == id) ? chosen : PassedOver).Add(letter);
        }

        return chosen;
    }

    public void MarkRequeued(ServiceBusReceivedMessage letter)
    {
        _requeued.Add(JobMessages.IdOf(letter));
        _copies.Add(CopyId(letter));
    }

    private static string CopyId(ServiceBusReceivedMessage letter)
    {
        var copyId = FormattableString.Invariant($"requeued-{letter.SequenceNumber}-{JobMessages.IdOf(letter)}");
        return copyId.Length <= JobMessage.MaxIdLength ? copyId : copyId[..JobMessage.MaxIdLength];
    }
}
