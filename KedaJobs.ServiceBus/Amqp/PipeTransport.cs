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
    private const int ProtocolHeaderLength = 8;

    private readonly ConnectionContext _context;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly uint _maxFrameSize;
    private readonly Func<long> _maxMessageSize;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<ulong, long> _partial = [];
    private ReadOnlySequence<byte> _buffered;
    private bool _isHeld;
    private bool _headerRead;
    private int _frameSize;
    private Task<int> _lastRead = Task.FromResult(0);

    public PipeTransport(ConnectionContext context, ClientConnection client, uint maxFrameSize, Func<long> maxMessageSize)
    {
        _context = context;
        (_input, _output) = (context.Transport.Input, context.Transport.Output);
        _maxFrameSize = maxFrameSize;
        _maxMessageSize = maxMessageSize;
        Client = client;
    }

    public ClientConnection Client { get; }

    /// <summary>Ends when the library is done with the connection.</summary>
    public Task Closed => _closed.Task;

    public void SetConnection(Connection connection) => Client.Attach((ListenerConnection)connection);

    public async Task SendAsync(IList<ByteBuffer> bufferList, int listSize)
    {
        var payload = FrameWriter.Write(_output, bufferList);
        var result = await _output.FlushAsync().ConfigureAwait(false);
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new IOException("The client has closed the connection.");
        }

        if (payload > 0)
        {
            Client.OnSent(payload);
        }
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
        FrameGuard.Check(buffer.AsSpan(start, count + sizeof(uint)), ref Client.LastFlow);
        return count;
    }

    /// <summary>
    /// The library collects the frames of a message without a limit. A message that is already too large goes on without its payload, so
    /// that it still comes to its end and is refused in the ordinary way.
    /// </summary>
    /// <returns>How many bytes of the frame the library gets.</returns>
    private int LimitPartialMessage()
    {
        Span<byte> head = stackalloc byte[128];
        head = head[..(int)Math.Min(head.Length, _frameSize)];
        _buffered.Slice(0, head.Length).CopyTo(head);
        if (!FrameGuard.TryReadTransfer(head, out var link, out var more, out var payloadStart) || (!more && _partial.Count == 0))
        {
            return _frameSize;
        }

        _partial.TryGetValue(link, out var received);
        var total = received + _frameSize - payloadStart;
        if (more)
        {
            _partial[link] = total;
        }
        else
        {
            _partial.Remove(link);
        }

        return received > _maxMessageSize() ? payloadStart : _frameSize;
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

            var result = await _input.ReadAsync().ConfigureAwait(false);
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
