using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Durability;

/// <summary>
/// The log of a broker with a data directory: what it holds at the start, where queues note their changes
/// from then on, and when those are on disk.
/// </summary>
internal sealed class MessageLog : IAsyncDisposable
{
    private readonly ISegmentStore _store;
    private readonly LogWriter _writer;
    private readonly LogLimits _limits;
    private readonly TimeProvider _time;
    private IReadOnlyList<RestoredQueue> _queues;
    private LogCleaner? _cleaner;

    private MessageLog(ISegmentStore store, LogWriter writer, LogLimits limits, TimeProvider time, IReadOnlyList<RestoredQueue> queues) =>
        (_store, _writer, _limits, _time, _queues) = (store, writer, limits, time, queues);

    /// <summary>The highest id that any queue had.</summary>
    public required long LastQueueId { get; init; }

    /// <summary>When the log was begun.</summary>
    public required DateTime NamespaceCreatedAt { get; init; }

    /// <summary>Holds back answers until what they are about is on disk.</summary>
    public CommitGate Gate => _writer;

    /// <summary>Ends when nothing can be written any more, with the reason.</summary>
    public required Task<Exception> Failure { get; init; }

    /// <summary>Opens the log of a data directory, beginning one if there is none.</summary>
    /// <param name="directory">The directory; created if missing.</param>
    /// <param name="openStore">Opens the directory by its full path.</param>
    /// <param name="readContent">Makes content of a message's encoding and its size.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where to say what was found.</param>
    /// <exception cref="BrokerStartException">
    /// The directory is in use, cannot be used, or holds what cannot be read; the message says what to do.
    /// </exception>
    public static MessageLog Open(
        string directory, Func<string, ISegmentStore> openStore, Func<ReadOnlyMemory<byte>, int, MessageContent> readContent,
        TimeProvider time, ILogger log)
    {
        var store = openStore(Path.GetFullPath(directory));
        try
        {
            return Open(store, new LogLimits(), readContent, time, log);
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
        {
            store.Dispose();
            throw new BrokerStartException(
                $"The data directory '{directory}' cannot be used: {unusable.Message} Free some space or change its permissions, "
                    + "or choose another one.", unusable);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="Open(string, Func{string, ISegmentStore}, Func{ReadOnlyMemory{byte}, int, MessageContent}, TimeProvider, ILogger)"/>
    public static MessageLog Open(
        ISegmentStore store, LogLimits limits, Func<ReadOnlyMemory<byte>, int, MessageContent> readContent, TimeProvider time, ILogger log)
    {
        var start = time.GetTimestamp();
        var segments = new SegmentTable(limits);
        var recovery = new Recovery(readContent);
        var reading = LogReader.Read(store, segments, recovery.Apply);
        if (reading.TornBytes > 0)
        {
            Log.TornTail(log, reading.TornBytes);
        }

        var queues = Finish(recovery, segments);
        var created = reading.NamespaceCreatedAt ?? time.UtcNow();
        var failure = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = segments.Count == 0 ? 1 : segments.Head.Number + 1;
        var bytes = segments.TotalBytes;
        var writer = new LogWriter(store, segments, first, created, limits, failure.SetResult, uncaught => Log.AnswerFailed(log, uncaught));
        var messages = queues.Sum(queue => queue.Messages.Count + queue.DeadLetters.Count + queue.TransferDeadLetters.Count);
        Log.Recovered(log, queues.Count, messages, bytes, (long)time.GetElapsedTime(start).TotalMilliseconds);
        return new MessageLog(store, writer, limits, time, queues)
        {
            LastQueueId = recovery.LastQueueId,
            NamespaceCreatedAt = created,
            Failure = failure.Task,
        };
    }

    /// <summary>Hands over the queues that the log brought back, once: it must not keep messages that are settled later.</summary>
    public IReadOnlyList<RestoredQueue> TakeQueues()
    {
        var queues = _queues;
        _queues = [];
        return queues;
    }

    public IJournal NewJournal() => new QueueJournal(_writer);

    /// <summary>Begins the note of a transaction.</summary>
    public JournalTransaction NewTransaction() => new LogTransaction(_writer, _time);

    /// <summary>Begins to clean up behind the queues.</summary>
    public void StartCleaning(EntityCatalog catalog) => _cleaner = new LogCleaner(_writer, catalog, _limits, _time);

    /// <summary>Writes what there is to disk and notes that this was the end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_cleaner is not null)
        {
            await _cleaner.DisposeAsync().ConfigureAwait(false);
        }

        var closed = new RecordWriter();
        Records.WriteEmpty(closed, RecordKind.Closed);
        _writer.Close(closed.Finish(0, 0, _time.UtcNow()));
        _store.Dispose();
    }

    private static IReadOnlyList<RestoredQueue> Finish(Recovery recovery, SegmentTable segments)
    {
        IReadOnlyList<RestoredQueue> queues;
        try
        {
            queues = recovery.Finish();
        }
        catch (RecordFormatException incomplete)
        {
            throw new BrokerStartException(
                $"The data directory is incomplete: {incomplete.Message}. "
                    + "Restore its files from a copy, or choose another data directory.", incomplete);
        }

        foreach (var queue in queues)
        {
            segments.Found(queue.JournalPlace);
            foreach (var id in queue.RememberedIds)
            {
                segments.Found(id.JournalPlace);
            }

            foreach (var state in queue.SessionStates)
            {
                segments.Found(state.JournalPlace);
            }

            foreach (var restored in queue.Messages.Concat(queue.DeadLetters).Concat(queue.TransferDeadLetters))
            {
                segments.Found(restored.Message.JournalPlace);
            }
        }

        return queues;
    }
}
