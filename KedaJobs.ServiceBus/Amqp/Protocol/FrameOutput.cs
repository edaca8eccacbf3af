using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using KedaJobs.ServiceBus.Amqp.Framing;

namespace KedaJobs.ServiceBus.Amqp.Protocol;

/// <summary>
/// Gathers the frames of a connection and writes them to its pipe. Frames are written under the connection's gate into memory; one thread
/// at a time takes what there is to the pipe, outside the gate, because a pipe takes one flush at a time and may make its writer wait.
/// </summary>
/// <param name="gate">The connection's gate.</param>
/// <param name="pipe">Where to.</param>
internal sealed class FrameOutput(Lock gate, PipeWriter pipe)
{
    // Guarded by the gate.
    private Buffer _filling = new();
    private Buffer _spare = new();
    private Acceptances? _accepted;
    private int _acceptedCount;
    private int _taking;
    private bool _isDraining;
    private bool _isScheduled;
    private bool _isHeld;
    private bool _isActive;
    private TaskCompletionSource? _drained;

    private volatile bool _isFailed;

    /// <summary>Told, outside the gate, that some of what was waiting has gone to the pipe.</summary>
    public Action? Progressed { get; init; }

    /// <summary>Whether the client takes nothing more.</summary>
    public bool IsFailed => _isFailed;

    /// <summary>How much waits to be written, in bytes. Read under the gate, or as a hint.</summary>
    public int Pending => _filling.Length + _taking;

    /// <summary>How many acceptances wait to be told together. Read under the gate.</summary>
    public int AcceptedCount => _acceptedCount;

    /// <summary>Whether anything was written since this was asked last: a client that hears nothing takes the broker for dead.</summary>
    public bool TakeActivityUnderGate()
    {
        var wasActive = _isActive;
        _isActive = false;
        return wasActive;
    }

    /// <summary>Bytes that are not a frame.</summary>
    public void WriteRawUnderGate(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_filling.Take(bytes.Length));
        _isActive = true;
    }

    /// <summary>Begins a frame. <see cref="EndFrameUnderGate"/> says how much of the room was used.</summary>
    /// <param name="channel">The session's channel.</param>
    /// <param name="capacity">More than the frame will have behind its header, in bytes.</param>
    /// <returns>The room behind the header.</returns>
    public Span<byte> BeginFrameUnderGate(ushort channel, int capacity)
    {
        var frame = _filling.Reserve(FrameReader.HeaderLength + capacity);
        BinaryPrimitives.WriteInt32BigEndian(frame[4..], 0x02000000 | channel);
        return frame[FrameReader.HeaderLength..];
    }

    public void EndFrameUnderGate(int length)
    {
        length += FrameReader.HeaderLength;
        BinaryPrimitives.WriteInt32BigEndian(_filling.Take(length), length);
        _isActive = true;
    }

    /// <summary>
    /// Settles a delivery as accepted. What a client hears most is that, and hearing it costs the client a wake-up each time: those that
    /// follow on each other go in one frame.
    /// </summary>
    public void AcceptUnderGate(ushort channel, bool isReceiver, uint deliveryId)
    {
        _acceptedCount++;
        if (_accepted is { } run && run.Channel == channel && run.IsReceiver == isReceiver && run.Last + 1 == deliveryId)
        {
            _accepted = run with { Last = deliveryId };
            return;
        }

        WriteAcceptedUnderGate();
        _accepted = new Acceptances(channel, isReceiver, deliveryId, deliveryId);
    }

    /// <summary>Writes what <see cref="AcceptUnderGate"/> has put together, so that it goes before what is written next.</summary>
    public void WriteAcceptedUnderGate()
    {
        if (_accepted is { } run)
        {
            _accepted = null;
            var writer = new WireWriter(BeginFrameUnderGate(run.Channel, 64));
            DispositionFrame.Write(ref writer, run.IsReceiver, run.First, run.Last, Outcome.Accepted, isSettled: true);
            EndFrameUnderGate(writer.Position);
        }
    }

    /// <summary>From now on frames may wait until <see cref="Release"/>: more are about to come.</summary>
    public void Hold()
    {
        lock (gate)
        {
            _isHeld = true;
        }
    }

    /// <summary>
    /// Sends what there is, and holds nothing back any more. Acceptances alone are sent by another thread: until it comes to that, more of
    /// them join. A client that sends its messages one by one would hear of each by itself.
    /// </summary>
    public void Release()
    {
        bool areOnlyAcceptances;
        lock (gate)
        {
            _isHeld = false;
            areOnlyAcceptances = _filling.Length == 0 && _accepted is not null;
        }

        if (areOnlyAcceptances)
        {
            FlushSoon();
        }
        else
        {
            Flush();
        }
    }

    /// <summary>Sends what there is, unless it is held back.</summary>
    public void Flush()
    {
        lock (gate)
        {
            if (_isHeld || !TryBeginDrainingUnderGate())
            {
                return;
            }
        }

        // It ends by itself, and throws nothing.
        _ = DrainAsync();
    }

    /// <summary>Sends what there is, though more is about to come.</summary>
    public void FlushHeld()
    {
        lock (gate)
        {
            if (!TryBeginDrainingUnderGate())
            {
                return;
            }
        }

        _ = DrainAsync();
    }

    /// <summary>Has another thread send what there is: this one is about to write more, or may be.</summary>
    public void FlushSoon()
    {
        lock (gate)
        {
            if (_isHeld || _isScheduled || _isDraining)
            {
                return;
            }

            _isScheduled = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static output => output.FlushScheduled(), this, preferLocal: false);
    }

    /// <summary>Waits until all that there is has gone to the pipe, or never will.</summary>
    public Task WhenDrainedAsync()
    {
        lock (gate)
        {
            if (_isFailed || (!_isDraining && _filling.Length == 0 && _accepted is null))
            {
                return Task.CompletedTask;
            }

            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    /// <summary>Sends what there is, and ends the pipe: nothing more is written.</summary>
    public Task CompleteAsync()
    {
        Release();
        return EndAsync(WhenDrainedAsync());

        async Task EndAsync(Task drained)
        {
            await drained.ConfigureAwait(false);
            _isFailed = true;
            await pipe.CompleteAsync().ConfigureAwait(false);
        }
    }

    private void FlushScheduled()
    {
        lock (gate)
        {
            _isScheduled = false;
        }

        Flush();
    }

    private bool TryBeginDrainingUnderGate()
    {
        if (_isDraining)
        {
            return false;
        }

        WriteAcceptedUnderGate();
        _acceptedCount = 0;
        return _isDraining = _filling.Length > 0;
    }

    private async ValueTask DrainAsync()
    {
        try
        {
            while (TakeNext(out var taken))
            {
                for (var index = 0; index < taken.Parts.Count && !_isFailed; index++)
                {
                    var part = taken.Parts[index];
                    pipe.Write(part.Span);
                    var result = await pipe.FlushAsync().ConfigureAwait(false);
                    if (result.IsCompleted || result.IsCanceled)
                    {
                        _isFailed = true;
                    }

                    Took(part.Length);
                }
            }
        }
        catch (Exception)
        {
            // The connection is gone, which its reader notices too; nobody else waits for what is written.
            _isFailed = true;
            TakeNext(out _);
        }

        Progressed?.Invoke();
    }

    /// <returns>Whether there is anything more to write; if not, draining is over.</returns>
    private bool TakeNext(out Buffer taken)
    {
        TaskCompletionSource? drained;
        lock (gate)
        {
            _spare.Clear();
            WriteAcceptedUnderGate();
            _acceptedCount = 0;
            if (_filling.Length > 0 && !_isFailed)
            {
                (taken, _filling, _spare) = (_filling, _spare, _filling);
                _taking = taken.Length;
                return true;
            }

            _filling.Clear();
            taken = _filling;
            _taking = 0;
            _isDraining = false;
            drained = _drained;
            _drained = null;
        }

        drained?.TrySetResult();
        return false;
    }

    private void Took(int bytes)
    {
        lock (gate)
        {
            _taking -= bytes;
        }

        Progressed?.Invoke();
    }

    private readonly record struct Acceptances(ushort Channel, bool IsReceiver, uint First, uint Last);

    /// <summary>
    /// Bytes that grow at their end, in parts that are given to the pipe one at a time. Their memory comes from the shared pool and goes
    /// back when they are done with: an idle connection holds none.
    /// </summary>
    private sealed class Buffer
    {
        /// <summary>How much is given to the pipe at a time, in bytes, unless a frame alone is larger.</summary>
        private const int PartSize = 32 * 1024;

        private readonly List<ReadOnlyMemory<byte>> _parts = [];
        private readonly List<byte[]> _rented = [];
        private byte[] _last = [];
        private int _lastLength;
        private int _lengthBefore;

        public int Length => _lengthBefore + _lastLength;

        /// <summary>What was taken. Nothing may be added after this was read.</summary>
        public IReadOnlyList<ReadOnlyMemory<byte>> Parts
        {
            get
            {
                EndPart();
                return _parts;
            }
        }

        public void Clear()
        {
            foreach (var bytes in _rented)
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }

            _parts.Clear();
            _rented.Clear();
            (_last, _lastLength, _lengthBefore) = ([], 0, 0);
        }

        /// <summary>Room at the end, of which <see cref="Take"/> makes use.</summary>
        public Span<byte> Reserve(int count)
        {
            if (_lastLength + count > _last.Length)
            {
                EndPart();
                _last = ArrayPool<byte>.Shared.Rent(Math.Max(count, PartSize));
                _rented.Add(_last);
            }

            return _last.AsSpan(_lastLength, count);
        }

        public Span<byte> Take(int count)
        {
            var taken = Reserve(count);
            _lastLength += count;
            return taken;
        }

        private void EndPart()
        {
            if (_lastLength > 0)
            {
                _parts.Add(_last.AsMemory(0, _lastLength));
                _lengthBefore += _lastLength;
                (_last, _lastLength) = ([], 0);
            }
        }
    }
}
