using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Amqp;
using Amqp.Listener;
using Microsoft.AspNetCore.Connections;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>
/// Carries one connection of the AMQP library over the pipes of a server connection. The library reads a frame's size and then the rest, so both are
/// given from one wait for the whole frame, which is checked on the way.
/// </summary>
internal sealed class PipeTransport : IAsyncTransport
{
    /// <summary>
    /// How many frames are read from a client that does not take what it is sent. Nearly every frame leads to an answer, and the library keeps
    /// answers without a limit.
    /// </summary>
    private const int MaxFramesWhileBlocked = 1000;

    private const int ProtocolHeaderLength = 8;

    private readonly ConnectionContext _context;
    private readonly PipeReader _input;
    private readonly FrameOutput _output;
    private readonly uint _maxFrameSize;
    private readonly PartialMessages _partial;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Connection? _connection;
    private int _framesWhileBlocked;
    private volatile bool _isOpen;
    private volatile bool _isAborted;
    private ReadOnlySequence<byte> _buffered;
    private bool _isHeld;
    private bool _headerRead;
    private int _frameSize;
    private Task<int> _lastRead = Task.FromResult(0);

    public PipeTransport(ConnectionContext context, ClientConnection client, uint maxFrameSize, Func<long> maxMessageSize)
    {
        _context = context;
        (_input, _output) = (context.Transport.Input, new FrameOutput(context.Transport.Output));
        _maxFrameSize = maxFrameSize;
        _partial = new PartialMessages(maxMessageSize);
        Client = client;
    }

    public ClientConnection Client { get; }

    /// <summary>Whether the client has opened the connection.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>Ends when the connection has ended for the library, though something may still have to be sent.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Ends when the library is done with the connection.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Tells the client that the broker goes, where it does not know yet.</summary>
    public void EndConnection(string reason)
    {
        if (!_isOpen)
        {
            // A client that has not said yet who it is would not have to answer. The library may be about to take the connection: then it does not read from it
            // any more, only writes.
            _isAborted = true;
            _context.Abort();
            return;
        }

        try
        {
            _connection!.Close(TimeSpan.Zero, Errors.Create(ErrorCode.ConnectionForced, reason));
        }
        catch (Exception ended) when (ended is AmqpException or ObjectDisposedException)
        {
            // It ends at this moment.
        }
    }

    public void SetConnection(Connection connection)
    {
        _connection = connection;
        Client.Attach((ListenerConnection)connection);
        connection.AddClosedCallback((_, _) => _ended.TrySetResult());
    }

    public async Task SendAsync(IList<ByteBuffer> bufferList, int listSize)
    {
        if (_isAborted)
        {
            throw new IOException("The connection is aborted.");
        }

        Client.OnSending();
        Client.OnSent(await _output.SendAsync(bufferList).ConfigureAwait(false));
    }

    public Task<int> ReceiveAsync(byte[] buffer, int offset, int count)
    {
        var pending = ReadAsync(buffer, offset, count);
        if (!pending.IsCompletedSuccessfully)
        {
            return pending.AsTask();
        }

        // Most reads find their bytes here, and frames come in few sizes.
        var read = pending.Result;
        return _lastRead.Result == read ? _lastRead : _lastRead = Task.FromResult(read);
    }

    public void Close()
    {
        // Graceful: aborting would lose the close frame that was just written.
        _output.Complete();
        _ended.TrySetResult();
        _closed.TrySetResult();
    }

    void ITransport.Send(ByteBuffer buffer) => throw new NotSupportedException();

    int ITransport.Receive(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async ValueTask<int> ReadAsync(byte[] buffer, int offset, int count)
    {
        if (!_headerRead)
        {
            if (!await FillAsync(ProtocolHeaderLength).ConfigureAwait(false))
            {
                return 0;
            }

            _headerRead = true;
            return Take(buffer, offset, Math.Min(count, ProtocolHeaderLength));
        }

        if (_frameSize == 0)
        {
            return await ReadSizeAsync(buffer, offset, count).ConfigureAwait(false);
        }

        return ReadFrame(buffer, offset, count);
    }

    /// <summary>Waits for a whole frame and gives its size field.</summary>
    private async ValueTask<int> ReadSizeAsync(byte[] buffer, int offset, int count)
    {
        if (count != sizeof(uint))
        {
            throw new InvalidOperationException("The AMQP library reads frames differently than it used to.");
        }

        if (_output.Blocked is not { } blocked)
        {
            _framesWhileBlocked = 0;
        }
        else if (++_framesWhileBlocked > MaxFramesWhileBlocked)
        {
            await blocked.ConfigureAwait(false);
        }

        if (!await FillAsync(sizeof(uint)).ConfigureAwait(false))
        {
            return 0;
        }

        var size = ReadSize();
        FrameGuard.CheckSize(size, _maxFrameSize);
        if (!await FillAsync((int)size).ConfigureAwait(false))
        {
            return 0;
        }

        _frameSize = (int)size;
        BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(offset), LimitPartialMessage());
        return sizeof(uint);
    }

    /// <summary>Gives the frame behind its size field.</summary>
    private int ReadFrame(byte[] buffer, int offset, int count)
    {
        // The library puts the size field, which it has, before the rest.
        var start = offset - sizeof(uint);
        _buffered.Slice(sizeof(uint), count).CopyTo(buffer.AsSpan(offset, count));
        Advance(_frameSize);
        _frameSize = 0;
        var frame = buffer.AsSpan(start, count + sizeof(uint));
        var performative = FrameGuard.Check(frame, ref Client.LastFlow);
        _partial.OnFrame(performative, frame);
        _output.Hold();
        if (!_isOpen)
        {
            _isOpen = performative == Descriptors.Open
                ? true
                : throw FrameGuard.Error("amqp:illegal-state", "The first frame of a connection must be open.");
        }

        return count;
    }

    /// <returns>How many bytes of the frame the library gets.</returns>
    private int LimitPartialMessage()
    {
        Span<byte> start = stackalloc byte[128];
        start = start[..(int)Math.Min(start.Length, _frameSize)];
        _buffered.Slice(0, start.Length).CopyTo(start);
        return TransferHead.TryRead(start, out var transfer)
            || (_frameSize > start.Length && TransferHead.TryRead(_buffered.Slice(0, _frameSize).ToArray(), out transfer))
            ? _partial.Accept(transfer, _frameSize)
            : _frameSize;
    }

    private async ValueTask<bool> FillAsync(int count)
    {
        while (!_isHeld || _buffered.Length < count)
        {
            if (_isHeld)
            {
                _isHeld = false;
                _input.AdvanceTo(_buffered.Start, _buffered.End);
            }

            var reading = _input.ReadAsync();
            if (!reading.IsCompleted)
            {
                _output.Release();
            }

            var result = await reading.ConfigureAwait(false);
            _buffered = result.Buffer;
            _isHeld = true;
            if (result.IsCanceled || (result.IsCompleted && _buffered.Length < count))
            {
                return false;
            }
        }

        return true;
    }

    private uint ReadSize()
    {
        Span<byte> size = stackalloc byte[sizeof(uint)];
        _buffered.Slice(0, sizeof(uint)).CopyTo(size);
        return BinaryPrimitives.ReadUInt32BigEndian(size);
    }

    private int Take(byte[] buffer, int offset, int count)
    {
        _buffered.Slice(0, count).CopyTo(buffer.AsSpan(offset, count));
        Advance(count);
        return count;
    }

    /// <summary>Goes on in what is held; the pipe gets its memory back once all of it is used.</summary>
    private void Advance(int count)
    {
        _buffered = _buffered.Slice(count);
        if (_buffered.IsEmpty)
        {
            _isHeld = false;
            _input.AdvanceTo(_buffered.End);
        }
    }

    public override string ToString() => _context.ConnectionId;
}
