using System.Buffers;
using System.Buffers.Binary;

namespace KedaJobs.ServiceBus.Amqp.Protocol;

/// <summary>
/// Takes frames out of what a client sent (AMQP 1.0, part 2.3): size u32, data offset u8 in words of four bytes,
/// type u8, channel u16, extended header, body.
/// </summary>
internal sealed class FrameReader(uint maxFrameSize)
{
    public const int HeaderLength = 8;

    /// <summary>A frame that does not lie in one piece is put together here.</summary>
    private byte[] _whole = [];

    /// <summary>Takes the next frame out of the buffer.</summary>
    /// <param name="buffer">What there is; shortened by the frame.</param>
    /// <param name="channel">The frame's channel.</param>
    /// <param name="body">What follows the header; good until the next call.</param>
    /// <returns>Whether there is a whole frame.</returns>
    /// <exception cref="ConnectionErrorException">What follows is no AMQP frame.</exception>
    public bool TryRead(ref ReadOnlySequence<byte> buffer, out ushort channel, out ReadOnlySpan<byte> body)
    {
        channel = 0;
        body = default;
        if (buffer.Length < HeaderLength)
        {
            return false;
        }

        Span<byte> copy = stackalloc byte[HeaderLength];
        scoped ReadOnlySpan<byte> header = buffer.FirstSpan;
        if (header.Length < HeaderLength)
        {
            buffer.Slice(0, HeaderLength).CopyTo(copy);
            header = copy;
        }

        var size = BinaryPrimitives.ReadUInt32BigEndian(header);
        if (size < HeaderLength || size > maxFrameSize)
        {
            throw Malformed($"A frame of {size} bytes; {HeaderLength} to {maxFrameSize} are allowed.");
        }

        if (header[5] != 0)
        {
            throw Malformed($"A frame of type {header[5]}; only AMQP frames (type 0) follow the protocol header.");
        }

        var offset = header[4] * 4;
        if (offset < HeaderLength || offset > size)
        {
            throw Malformed($"The data of a frame of {size} bytes cannot begin at {offset}.");
        }

        if (buffer.Length < size)
        {
            return false;
        }

        channel = BinaryPrimitives.ReadUInt16BigEndian(header[6..]);
        var frame = buffer.FirstSpan;
        if (frame.Length >= size)
        {
            frame = frame[..(int)size];
        }
        else
        {
            if (_whole.Length < size)
            {
                _whole = new byte[Math.Max((int)size, 16 * 1024)];
            }

            buffer.Slice(0, size).CopyTo(_whole);
            frame = _whole.AsSpan(0, (int)size);
        }

        body = frame[offset..];
        buffer = buffer.Slice(size);
        return true;
    }

    private static ConnectionErrorException Malformed(string description) => new("amqp:connection:framing-error", description);
}
