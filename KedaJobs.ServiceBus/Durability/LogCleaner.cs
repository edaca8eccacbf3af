using System.Threading.Channels;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Durability;

/// <summary>
/// Keeps the log from growing for ever: what still lives of the oldest segment is noted again at the head, in small steps so that no queue
/// is held up for long, and when that is on disk the segment goes.
/// </summary>
internal sealed class LogCleaner : IAsyncDisposable
{
    /// <summary>How many messages are looked at in one turn of a queue.</summary>
    private const int MostLookedAt = 10_000;

    private readonly LogWriter _log;
    private readonly EntityCatalog _catalog;
    private readonly LogLimits _limits;
    private readonly TimeProvider _time;
    private readonly Channel<bool> _needed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _task;

    public LogCleaner(LogWriter log, EntityCatalog catalog, LogLimits limits, TimeProvider time)
    {
        (_log, _catalog, _limits, _time) = (log, catalog, limits, time);
        log.CleaningNeeded = () => _needed.Writer.TryWrite(true);
        _needed.Writer.TryWrite(true);
        _task = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        _log.CleaningNeeded = null;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (await _needed.Reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false))
            {
                _needed.Reader.TryRead(out _);
                while (_log.Inspect(segments => segments.NeedsCleaning) && await CleanOldestAsync().ConfigureAwait(false))
                {
                    _stop.Token.ThrowIfCancellationRequested();
                }
            }
        }
        catch (CommitFailedException)
        {
            // The log has said so itself.
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // A segment that cannot be deleted now would be taken for a part of the log by the next start.
            _log.Fail(failure);
        }
    }

    private async Task<bool> CleanOldestAsync()
    {
        var oldest = _log.Inspect(segments => segments.Oldest);
        foreach (var queue in _catalog.Entities)
        {
            await NoteAgainAsync(queue, oldest).ConfigureAwait(false);
        }

        await _log.WaitAsync().ConfigureAwait(false);

        // False if something is noted in it that is not in the catalog: a queue that is just being
        // deleted. Its end comes with another frame.
        return _log.TryDeleteOldest();
    }

    private async Task NoteAgainAsync(QueueEntity queue, Segment oldest)
    {
        foreach (var item in Others(queue, oldest).Chunk(500))
        {
            NoteAgain(queue, item, oldest);
            await _log.WaitAsync().ConfigureAwait(false);
        }

        foreach (var part in (SubQueue[])[queue.Main, queue.DeadLetter, queue.TransferDeadLetter])
        {
            for (long? next = 0; next is { } from;)
            {
                next = NoteMessagesAgain(part, from, oldest, out var anything);
                if (anything)
                {
                    await _log.WaitAsync().ConfigureAwait(false);
                }

                _stop.Token.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>The declaration, session states and remembered ids that are noted in the segment.</summary>
    private List<IJournaled> Others(QueueEntity queue, Segment oldest)
    {
        using var turn = queue.Begin(Now);
        queue.ForgetOldIdsUnderLock();
        return
        [
            .. new IJournaled[] { queue }.Concat(queue.Main.Sessions).Concat(queue.History?.Entries ?? [])
                .Where(item => item.JournalPlace.Part == oldest),
        ];
    }

    private void NoteAgain(QueueEntity queue, IJournaled[] items, Segment oldest)
    {
        using var turn = queue.Begin(Now);
        foreach (var item in items)
        {
            // Meanwhile it may have changed, or gone.
            if (item.JournalPlace.Part != oldest)
            {
                continue;
            }

            switch (item)
            {
                case Session session:
                    queue.Journal.SessionStateSet(session);
                    break;
                case RememberedId id:
                    queue.Journal.Remembered(id);
                    break;
                default:
                    queue.Journal.Defined(queue);
                    break;
            }
        }
    }

    /// <returns>The number to go on from, or null at the end.</returns>
    private long? NoteMessagesAgain(SubQueue part, long from, Segment oldest, out bool anything)
    {
        using var turn = part.Entity.Begin(Now);
        var (bytes, lookedAt) = (0, 0);
        foreach (var message in part.MessagesFromUnderLock(from))
        {
            if (bytes >= _limits.CleaningStep || lookedAt++ == MostLookedAt)
            {
                anything = bytes > 0;
                return message.SequenceNumber;
            }

            if (message.JournalPlace.Part == oldest)
            {
                bytes += message.JournalPlace.Bytes;
                part.Entity.Journal.Added(part, message);
                if (message.Place == MessagePlace.Locked)
                {
                    part.Entity.Journal.Delivering(part, message);
                }
            }
        }

        anything = bytes > 0;
        return null;
    }

    private DateTime Now => _time.UtcNow();
}
