using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Durability;

/// <summary>Gathers the turns of several queues into one frame of the log, which is there as a whole or not at all.</summary>
internal sealed class LogTransaction(LogWriter log, TimeProvider time) : JournalTransaction
{
    private readonly RecordWriter _turns = new();
    private readonly List<NotedItem> _noted = [];

    /// <summary>Adds a queue's turn.</summary>
    /// <param name="payload">What would be the payload of its own frame; copied.</param>
    /// <param name="noted">What it holds the newest note of.</param>
    public void Add(ReadOnlySpan<byte> payload, List<NotedItem> noted)
    {
        var start = _turns.BeginRecord(RecordKind.Turn);
        _turns.Rest(payload);
        _turns.EndRecord(start);
        _noted.AddRange(noted);
    }

    public override void Complete()
    {
        if (!_turns.IsEmpty)
        {
            log.Append(_turns.Finish(0, 0, time.UtcNow()), _noted);
        }
    }
}
