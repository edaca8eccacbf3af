using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Durability;

/// <summary>Puts the queues together from the records of the log.</summary>
/// <param name="readContent">Makes content of a message's encoding and size.</param>
internal sealed class Recovery(Func<ReadOnlyMemory<byte>, int, MessageContent> readContent)
{
    /// <summary>
    /// How many numbers are left out after a stop that was not in order. Numbers are given out before they are on disk, so receivers may
    /// have seen higher ones than the log knows: never as many as this.
    /// </summary>
    public const long SkippedNumbers = 1L << 20;

    private readonly ContentReader _contents = new(readContent);
    private readonly Dictionary<long, QueueState> _queues = [];
    private bool _isClosed = true;

    /// <summary>The highest id that any queue had.</summary>
    public long LastQueueId { get; private set; }

    /// <summary>Takes in a frame's payload.</summary>
    /// <exception cref="RecordFormatException">It cannot be understood.</exception>
    public void Apply(Segment segment, ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        var (id, lastSequenceNumber, accessed) = (reader.Int64(), reader.Int64(), reader.Time());
        var state = StateOf(id);
        state.LastSequenceNumber = Math.Max(state.LastSequenceNumber, lastSequenceNumber);
        state.AccessedAt = accessed;
        _isClosed = false;
        while (!reader.AtEnd)
        {
            var record = reader.Record(out var kind, out var bytes);
            if (kind == RecordKind.Closed)
            {
                _isClosed = true;
            }
            else if (kind == RecordKind.Turn && id == 0)
            {
                Apply(segment, record.Rest());
            }
            else
            {
                state.Apply(kind, ref record, new JournalPlace(segment, bytes), _contents);
            }
        }
    }

    /// <summary>The queues that there were at the end, in the order of their ids.</summary>
    /// <exception cref="RecordFormatException">The declaration of one, or the topic of a subscription, is missing.</exception>
    public IReadOnlyList<RestoredQueue> Finish()
    {
        var skipped = _isClosed ? 0 : SkippedNumbers;
        var queues = _queues.Where(queue => queue.Key != 0 && !queue.Value.IsGone)
            .OrderBy(queue => queue.Key)
            .Select(queue => queue.Value.Finish(queue.Key, skipped))
            .ToList();
        var topics = queues.Where(queue => queue.Declaration is RestoredDeclaration.Topic).Select(queue => queue.Id).ToHashSet();
        var orphan = queues.Select(queue => queue.Declaration).OfType<RestoredDeclaration.Subscription>()
            .FirstOrDefault(one => !topics.Contains(one.TopicId));
        return orphan is null ? queues : throw new RecordFormatException($"the topic of subscription '{orphan.Options.Name}' is missing");
    }

    private QueueState StateOf(long id)
    {
        if (!_queues.TryGetValue(id, out var state))
        {
            _queues.Add(id, state = new QueueState());
            LastQueueId = Math.Max(LastQueueId, id);
        }

        return state;
    }
}
