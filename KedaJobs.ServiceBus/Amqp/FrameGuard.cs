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
    /// <returns>The performative's descriptor, or 0 for a heartbeat.</returns>
    /// <exception cref="AmqpException">The frame is malformed.</exception>
    public static ulong Check(Span<byte> frame, ref LinkFlow flow)
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
                return 0;
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

            return performative;
        }
        catch (WireFormatException malformed)
        {
            throw Error("amqp:decode-error", malformed.Message);
        }
    }

    public static AmqpException Error(string condition, string description) => new(new Error(condition) { Description = description });
}
