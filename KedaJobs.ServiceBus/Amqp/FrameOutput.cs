using System.Buffers;
using System.IO.Pipelines;
using Amqp;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>
/// Writes the library's frames to a client. What a client hears most is that a message was accepted, and hearing it costs the client a wake-up each time: while
/// its own frames are being worked off, such frames are held back and put together.
/// </summary>
internal sealed class FrameOutput(PipeWriter output)
{
    /// <summary>How many acceptances are held back at most, so that the client need not wait until all that it sent is worked off.</summary>
    private const int MostHeld = 100;

    private readonly Lock _gate = new();
    private Acceptance? _accepted;
    private int _held;
    private bool _isHolding;
    private bool _isComplete;
    private Exception? _failure;
    private Task _flush = Task.CompletedTask;

    /// <summary>Ends when the client has taken enough of what it was sent; null if it has.</summary>
    public Task? Blocked => Volatile.Read(ref _flush) is { IsCompleted: false } flush ? flush : null;

    /// <summary>Writes frames; not called again before it has ended.</summary>
    /// <returns>How many bytes of messages were among them, frames' and performatives' own bytes not counted.</returns>
    /// <exception cref="IOException">The connection is gone.</exception>
    public async ValueTask<long> SendAsync(IList<ByteBuffer> frames)
    {
        long payload;
        Task flush;
        while (!TrySend(frames, out payload, out flush))
        {
            await flush.ConfigureAwait(false);
        }

        await flush.ConfigureAwait(false);
        return _failure is null ? payload : throw new IOException("The client has closed the connection.", _failure);
    }

    /// <summary>From now on acceptances can wait.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            _isHolding = true;
        }
    }

    /// <summary>Sends what was held back, and holds nothing back any more.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _isHolding = false;
            if (_held > 0 && !_isComplete)
            {
                Flush();
            }
        }
    }

    /// <summary>There is nothing more to send.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            if (!_isComplete)
            {
                _isComplete = true;
                WriteAccepted();
                output.Complete();
            }
        }
    }

    /// <returns>Whether they are written; if not, an earlier flush must end first, because a pipe takes one at a time.</returns>
    private bool TrySend(IList<ByteBuffer> frames, out long payload, out Task flush)
    {
        lock (_gate)
        {
            (payload, flush) = (0, _flush);
            if (!flush.IsCompleted)
            {
                return false;
            }

            flush = Write(frames, out payload) && _isHolding && _held < MostHeld ? Task.CompletedTask : Flush();
            return true;
        }
    }

    /// <returns>Whether all of them can wait.</returns>
    private bool Write(IList<ByteBuffer> frames, out long payload)
    {
        payload = 0;
        var canWait = true;
        foreach (var frame in frames)
        {
            var bytes = frame.Buffer.AsSpan(frame.Offset, frame.Length);
            if (Acceptance.TryRead(bytes, out var accepted))
            {
                _held++;
                if (_accepted?.TryAppend(accepted) is { } both)
                {
                    _accepted = both;
                }
                else
                {
                    WriteAccepted();
                    _accepted = accepted;
                }

                continue;
            }

            WriteAccepted();
            output.Write(bytes);
            canWait = false;
            if (TransferHead.TryRead(bytes, out var transfer))
            {
                payload += bytes.Length - transfer.PayloadStart;
            }
        }

        return canWait;
    }

    private void WriteAccepted()
    {
        _accepted?.Write(output);
        _accepted = null;
    }

    private Task Flush()
    {
        WriteAccepted();
        _held = 0;
        var flush = output.FlushAsync();
        if (flush.IsCompletedSuccessfully)
        {
            Note(flush.Result);
            return Task.CompletedTask;
        }

        var taking = WaitAsync(flush);
        Volatile.Write(ref _flush, taking);
        return taking;
    }

    private async Task WaitAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            Note(await flush.ConfigureAwait(false));
        }
        catch (Exception failure)
        {
            // Of the connection; told to whoever sends next.
            _failure = failure;
        }
    }

    private void Note(FlushResult result)
    {
        if (result.IsCompleted || result.IsCanceled)
        {
            _failure ??= new OperationCanceledException("The client takes nothing more.");
        }
    }
}
