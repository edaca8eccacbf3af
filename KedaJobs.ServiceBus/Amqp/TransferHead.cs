using System.Buffers.Binary;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>What the performative of a transfer frame says (AMQP 1.0, part 2.7.5), as far as it decides about the frames of a message.</summary>
/// <param name="Link">Channel and handle in one.</param>
/// <param name="DeliveryId">The delivery; continuations may leave it out.</param>
/// <param name="More">Whether more frames follow for the same message.</param>
/// <param name="Aborted">Whether the sender takes the message back.</param>
/// <param name="PayloadStart">Where in the frame the payload begins.</param>
internal readonly record struct TransferHead(ulong Link, uint? DeliveryId, bool More, bool Aborted, int PayloadStart)
{
    private const int DeliveryIdIndex = 1;
    private const int MoreIndex = 5;
    private const int AbortedIndex = 9;

    /// <summary>Reads the head of a frame, or of its beginning; false if it is no transfer, or not all of the head is there.</summary>
    /// <param name="frame">The frame from its size field on.</param>
    /// <param name="head">What it says.</param>
    public static bool TryRead(ReadOnlySpan<byte> frame, out TransferHead head)
    {
        head = default;
        if (frame.Length < FrameGuard.HeaderLength + 3 || frame[8] != WireReader.Described || (frame[9] == 0x53 && frame[10] != Descriptors.Transfer))
        {
            return false;
        }

        try
        {
            var reader = new WireReader(frame[FrameGuard.HeaderLength..]);
            if (reader.ReadDescriptor() != Descriptors.Transfer)
            {
                return false;
            }

            head = Read(ref reader, BinaryPrimitives.ReadUInt16BigEndian(frame[6..]));
            return true;
        }
        catch (WireFormatException)
        {
            // The check of the whole frame, which comes next, says what is wrong.
            return false;
        }
    }

    private static TransferHead Read(ref WireReader reader, ushort channel)
    {
        var (count, end) = reader.ReadList();
        var handle = count > 0 ? reader.ReadUnsigned() ?? 0 : 0;
        var head = new TransferHead(((ulong)channel << 32) | (uint)handle, null, false, false, FrameGuard.HeaderLength + end);
        for (var index = 1; index < Math.Min(count, AbortedIndex + 1); index++)
        {
            switch (index)
            {
                case DeliveryIdIndex:
                    head = head with { DeliveryId = (uint?)reader.ReadUnsigned() };
                    break;
                case MoreIndex:
                    head = head with { More = reader.ReadBoolean() == true };
                    break;
                case AbortedIndex:
                    head = head with { Aborted = reader.ReadBoolean() == true };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return head;
    }
}
