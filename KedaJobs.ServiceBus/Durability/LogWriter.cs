using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Durability;

/// <summary>
/// Appends frames to the log. Queues leave them in a buffer; one thread writes what has gathered, flushes it to disk once
/// for all who wait for it (group commit), and then tells those, in order. What nobody waits for is written at once and
/// flushed with the next that somebody does.
/// </summary>
internal sealed class LogWriter : CommitGate
{
    /// <summary>A buffer that a burst has blown up is not kept.</summary>
    private const int LargestKept = 8 * 1024 * 1024;

    private readonly object _gate = new();
    private readonly ISegmentStore _store;
    private readonly SegmentTable _segments;
    private readonly LogLimits _limits;
    private readonly DateTime _namespaceCreatedAt;
    private readonly Action<Exception> _onFailed;
    private readonly Thread _thread;

    // Guarded by the gate. What was appended but not taken by the thread yet: in full, those of earlier segments first.
    private List<FrameBatch> _batches = [];
    private List<ICommitWaiter> _waiters = [];
    private FrameBatch? _spare;
    private long _appended;
    private long _flushed;
    private uint _headSynced;
    private bool _isTelling;
    private bool _isIdle;
    private bool _isStopping;
    private Exception? _failure;

    // The thread's own.
    private ISegmentFile? _file;
    private Segment? _fileSegment;
    private List<FrameBatch> _writing = [];
    private List<ICommitWaiter> _telling = [];

    /// <summary>Starts to write, in a segment of its own after those there are.</summary>
    /// <param name="store">Where segments are kept.</param>
    /// <param name="segments">The segments there are, and what lives in them.</param>
    /// <param name="first">The number of the segment to begin.</param>
    /// <param name="namespaceCreatedAt">Noted in every segment.</param>
    /// <param name="limits">When to begin another segment.</param>
    /// <param name="onFailed">Told once if nothing can be written any more; on the writing thread.</param>
    /// <param name="onUncaught">Told of an exception that a waiter threw.</param>
    public LogWriter(
        ISegmentStore store, SegmentTable segments, long first, DateTime namespaceCreatedAt, LogLimits limits, Action<Exception> onFailed,
        Action<Exception> onUncaught)
    {
        (_store, _segments, _limits, _namespaceCreatedAt, _onFailed) = (store, segments, limits, namespaceCreatedAt, onFailed);
        OnUncaught = onUncaught;
        segments.Add(new Segment(first));
        Open(segments.Head);
        _thread = new Thread(Write) { IsBackground = true, Name = "KedaJobs.ServiceBus log" };
        _thread.Start();
    }

    public override bool IsImmediate => false;

    /// <summary>Told, outside all locks, that the oldest segment should be emptied; may come often.</summary>
    public Action? CleaningNeeded { get; set; }

    private Action<Exception> OnUncaught { get; }

    /// <summary>Appends a frame.</summary>
    /// <param name="payload">Its payload; copied.</param>
    /// <param name="noted">What the payload holds the newest note of.</param>
    public void Append(ReadOnlySpan<byte> payload, List<NotedItem> noted)
    {
        var checksum = Crc32C.Append(Crc32C.Empty, payload);
        var size = LogFormat.FrameHeaderSize + payload.Length;
        bool needsCleaning;
        lock (_gate)
        {
            if (_failure is not null || _isStopping)
            {
                // Whoever waits for it hears that it failed: see Run.
                return;
            }

            if (_segments.Head.Length + size > _limits.SegmentSize && _segments.Head.Length > LogFormat.SegmentHeaderSize)
            {
                _segments.Add(new Segment(_segments.Head.Number + 1));
                _headSynced = 0;
            }

            var frame = BatchFor(_segments.Head).Take(size);
            LogFormat.WriteFrameHeader(frame, payload.Length, checksum, _headSynced, _segments.Head.Number);
            payload.CopyTo(frame[LogFormat.FrameHeaderSize..]);
            _segments.Grow(_segments.Head, size);
            foreach (var item in noted)
            {
                _segments.Note(item);
            }

            _appended += size;
            needsCleaning = _segments.NeedsCleaning;
            Wake();
        }

        if (needsCleaning)
        {
            CleaningNeeded?.Invoke();
        }
    }

    public override void Run(ICommitWaiter waiter)
    {
        bool isOver;
        lock (_gate)
        {
            isOver = _failure is not null || _isStopping;

            // At once only if nobody who came before is still to be told.
            var isSafe = _flushed == _appended && _waiters.Count == 0 && !_isTelling;
            if (!isOver && !isSafe)
            {
                _waiters.Add(waiter);
                Wake();
                return;
            }
        }

        if (isOver)
        {
            waiter.OnCommitFailed();
        }
        else
        {
            waiter.OnCommitted();
        }
    }

    /// <summary>What the log looks like now.</summary>
    public T Inspect<T>(Func<SegmentTable, T> look)
    {
        lock (_gate)
        {
            return look(_segments);
        }
    }

    /// <summary>Deletes the oldest segment if nothing lives in it and it is not being written.</summary>
    /// <returns>Whether it did.</returns>
    public bool TryDeleteOldest()
    {
        long number;
        lock (_gate)
        {
            if (_failure is not null || _segments.Count < 2 || _segments.Oldest.LiveItems > 0)
            {
                return false;
            }

            number = _segments.Oldest.Number;
            _segments.RemoveOldest();
        }

        _store.Delete(number);
        return true;
    }

    /// <summary>Makes everything unsafe: nothing is written any more, and all waiters are notified.</summary>
    public void Fail(Exception failure)
    {
        List<ICommitWaiter> waiters;
        lock (_gate)
        {
            if (_failure is not null)
            {
                return;
            }

            _failure = failure;
            _batches.Clear();
            waiters = [.. _waiters];
            _waiters.Clear();
            Wake();
        }

        foreach (var waiter in waiters)
        {
            Tell(waiter, committed: false);
        }

        _onFailed(failure);
    }

    /// <summary>Writes and flushes what there is and one last frame, and ends. Later frames are not taken.</summary>
    public void Close(ReadOnlySpan<byte> lastPayload)
    {
        Append(lastPayload, []);
        lock (_gate)
        {
            _isStopping = true;
            Wake();
        }

        _thread.Join();
        _file!.Dispose();
    }

    private FrameBatch BatchFor(Segment segment)
    {
        if (_batches.Count > 0 && _batches[^1].Segment == segment)
        {
            return _batches[^1];
        }

        var batch = _spare ?? new FrameBatch();
        _spare = null;
        batch.Segment = segment;
        _batches.Add(batch);
        return batch;
    }

    private void Wake()
    {
        if (_isIdle)
        {
            _isIdle = false;
            Monitor.Pulse(_gate);
        }
    }

    private void Write()
    {
        while (TryTake(out var appended))
        {
            try
            {
                foreach (var batch in _writing)
                {
                    Append(batch);
                }

                if (_telling.Count > 0)
                {
                    _file!.Flush();
                }
            }
            catch (Exception failure)
            {
                // After a failed flush nobody knows what is on disk, not even the next flush. Only a new start finds out.
                // Whoever waits is told first: the broker stops then, and takes their connections with it.
                Tell(committed: false);
                Fail(failure);
                return;
            }

            OnWritten(appended);
            Tell(committed: true);
        }

        FlushRest();
    }

    private void FlushRest()
    {
        try
        {
            if (_failure is null)
            {
                _file!.Flush();
            }
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }

    private bool TryTake(out long appended)
    {
        lock (_gate)
        {
            _isTelling = false;
            while (_batches.Count == 0 && _waiters.Count == 0)
            {
                if (_isStopping || _failure is not null)
                {
                    appended = 0;
                    return false;
                }

                _isIdle = true;
                Monitor.Wait(_gate);
                _isIdle = false;
            }

            (_batches, _writing) = (_writing, _batches);
            (_waiters, _telling) = (_telling, _waiters);
            _isTelling = _telling.Count > 0;
            appended = _appended;
            return true;
        }
    }

    private void Append(FrameBatch batch)
    {
        if (_fileSegment != batch.Segment)
        {
            // The end of a segment that is not the last must be whole.
            _file!.Flush();
            _file.Dispose();
            Open(batch.Segment!);
        }

        _file!.Append(batch.Bytes);
    }

    private void Open(Segment segment)
    {
        _file = _store.Create(segment.Number);
        _fileSegment = segment;
        _file.Append(LogFormat.SegmentHeader(segment.Number, _namespaceCreatedAt));
        _file.Flush();
    }

    private void OnWritten(long appended)
    {
        lock (_gate)
        {
            if (_telling.Count > 0)
            {
                _flushed = appended;
                if (_fileSegment == _segments.Head)
                {
                    // Of this segment; what was appended meanwhile is not on disk, so it is counted off.
                    _headSynced = (uint)(_segments.Head.Length - (_appended - appended));
                }
            }

            foreach (var batch in _writing)
            {
                if (_spare is null && batch.Capacity <= LargestKept)
                {
                    batch.Clear();
                    _spare = batch;
                }
            }

            _writing.Clear();
        }
    }

    private void Tell(bool committed)
    {
        foreach (var waiter in _telling)
        {
            Tell(waiter, committed);
        }

        _telling.Clear();
    }

    private void Tell(ICommitWaiter waiter, bool committed)
    {
        try
        {
            if (committed)
            {
                waiter.OnCommitted();
            }
            else
            {
                waiter.OnCommitFailed();
            }
        }
        catch (Exception failure)
        {
            // One client's answer went wrong; the others' must not.
            OnUncaught(failure);
        }
    }
}
