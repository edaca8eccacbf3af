using System.Buffers.Binary;
using Amqp;
using Amqp.Framing;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>
/// Looks at every incoming frame before the AMQP library does: what would overflow its stack or its memory ends the connection here, and
/// what a client encodes in a way that the library refuses is put right (see <see cref="ClientQuirks"/>).
/// </summary>
internal static class FrameGuard
{
    public const int HeaderLength = 8;

    /// <summary>Checks the frame's size field.</summary>
    /// <exception cref="AmqpException">No frame is that small or large.</exception>
    public static void CheckSize(uint size, uint maxFrameSize)
    {
        if (size < HeaderLength || size > maxFrameSize)
        {
            throw Error("amqp:connection:framing-error", $"A frame of {size} bytes; {HeaderLength} to {maxFrameSize} are allowed.");
        }
    }

    /// <summary>Checks a whole frame, and changes in place what has to be put right.</summary>
    /// <param name="frame">The frame from its size field on.</param>
    /// <param name="flow">Set if the frame is a flow.</param>
    /// <exception cref="AmqpException">The frame is malformed.</exception>
    public static void Check(Span<byte> frame, ref LinkFlow flow)
    {
        try
        {
            // size (4), data offset in words (1), type (1), channel (2), then the performative; nothing for a heartbeat.
            if (frame[4] != 2 || frame[5] != 0)
            {
                throw new WireFormatException("The frame has an extended header, or is not of type AMQP.");
            }

            var body = frame[HeaderLength..];
            if (body.IsEmpty)
            {
                return;
            }

            var reader = new WireReader(body);
            var performative = reader.ReadDescriptor();
            reader.Skip();
            if (performative == Descriptors.Disposition)
            {
                ClientQuirks.MakeDispositionKeysSymbols(body[..reader.Position]);
            }
            else if (performative == Descriptors.Flow)
            {
                flow = LinkFlow.Read(body);
            }
        }
        catch (WireFormatException malformed)
        {
            throw Error("amqp:decode-error", malformed.Message);
        }
    }

    /// <summary>If the frame is a transfer: its channel and handle, whether more follow for the same message, and where the payload begins.</summary>
    public static bool TryReadTransfer(ReadOnlySpan<byte> frame, out ulong link, out bool more, out int payloadStart)
    {
        (link, more, payloadStart) = (0, false, 0);
        if (frame.Length < HeaderLength + 3 || frame[8] != 0 || frame[9] != 0x53 || frame[10] != Descriptors.Transfer)
        {
            return false;
        }

        try
        {
            // handle, delivery-id, delivery-tag, message-format, settled, more, ...
            var reader = new WireReader(frame[(HeaderLength + 3)..]);
            var (count, end) = reader.ReadCompound();
            var handle = count > 0 ? reader.ReadUnsigned() ?? 0 : 0;
            for (var index = 1; index < Math.Min(count, 5); index++)
            {
                reader.Skip();
            }

            more = count > 5 && reader.ReadBoolean() == true;
            link = ((ulong)BinaryPrimitives.ReadUInt16BigEndian(frame[6..]) << 32) | handle;
            payloadStart = HeaderLength + 3 + end;
            return true;
        }
        catch (WireFormatException)
        {
            // The check of the whole frame, which comes next, says what is wrong.
            return false;
        }
    }

    public static AmqpException Error(string condition, string description) => new(new Error(condition) { Description = description });
}
