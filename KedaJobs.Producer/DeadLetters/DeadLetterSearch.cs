using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;

namespace KedaJobs.Producer.DeadLetters;

/// <summary>
/// Looks for the dead letters of one job among the oldest, without locking any. Service Bus hands out a dead letter only after all older
/// ones, and each of those must stay locked meanwhile; so there is a limit to how far back a letter may be.
/// </summary>
internal sealed class DeadLetterSearch(string id)
{
    /// <summary>The most letters that are looked at.</summary>
    public const int MaxLetters = 1_000;

    /// <summary>The most bytes of letters that are passed over.</summary>
    public const long MaxBytes = 32 << 20;

    private readonly HashSet<long> _found = [];
    private int _letters;
    private long _bytes;

    /// <summary>Sequence numbers of the job's letters.</summary>
    public IReadOnlySet<long> Found => _found;

    /// <summary>The limit was reached: there may be letters of the job that were not looked at.</summary>
    public bool IsAtLimit => _letters >= MaxLetters || _bytes >= MaxBytes;

    /// <summary>How many letters were looked at.</summary>
    public int Letters => _letters;

    /// <summary>Looks at a page of letters, the oldest first.</summary>
    public void Look(IEnumerable<ServiceBusReceivedMessage> page)
    {
        foreach (var letter in page.TakeWhile(_ => !IsAtLimit))
        {
            _letters++;
            if (JobMessages.IdOf(letter) == id)
            {
                _found.Add(letter.SequenceNumber);
            }
            else
            {
                _bytes += letter.GetRawAmqpMessage().Body.TryGetData(out var data) ? data!.Sum(part => (long)part.Length) : 0;
            }
        }
    }
}
