using System.Buffers;
using System.Buffers.Binary;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>A disposition frame that settles deliveries which follow on each other as accepted (AMQP 1.0, part 2.7.6).</summary>
/// <param name="Channel">The channel of the session.</param>
/// <param name="IsReceiver">Whether whoever says so is the receiver of the deliveries.</param>
/// <param name="First">The first delivery.</param>
/// <param name="Last">The last one; the same for a single delivery.</param>
internal readonly record struct Acceptance(ushort Channel, bool IsReceiver, uint First, uint Last)
{
    private const int StateIndex = 4;

    /// <summary>What is written here, and what the longest encoding of the same takes.</summary>
    private const int Size = 30, MaxSize = 64;

    /// <summary>Reads a frame; false if it is another one, or says more than that.</summary>
    /// <param name="frame">The frame from its size field on.</param>
    /// <param name="acceptance">What it says.</param>
    public static bool TryRead(ReadOnlySpan<byte> frame, out Acceptance acceptance)
    {
        acceptance = default;
        if (frame.Length is < FrameGuard.HeaderLength + 3 or > MaxSize || frame[9] != 0x53 || frame[10] != (byte)Descriptors.Disposition)
        {
            return false;
        }

        var reader = new WireReader(frame[FrameGuard.HeaderLength..]);
        reader.ReadDescriptor();
        var (count, _) = reader.ReadList();
        if (count <= StateIndex)
        {
            return false;
        }

        var isReceiver = reader.ReadBoolean() == true;
        var first = (uint)reader.ReadUnsigned()!.Value;
        var last = (uint?)reader.ReadUnsigned() ?? first;
        if (reader.ReadBoolean() != true || reader.Peek() != WireReader.Described || reader.ReadDescriptor() != Descriptors.Accepted)
        {
            return false;
        }

        acceptance = new Acceptance(BinaryPrimitives.ReadUInt16BigEndian(frame[6..]), isReceiver, first, last);
        return true;
    }

    /// <summary>Both in one, if the next one's deliveries follow on these; else null.</summary>
    public Acceptance? TryAppend(Acceptance next) =>
        next.Channel == Channel && next.IsReceiver == IsReceiver && next.First == unchecked(Last + 1) ? this with { Last = next.Last } : null;

    /// <summary>Writes one frame for all of them.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var frame = output.GetSpan(Size)[..Size];
        BinaryPrimitives.WriteInt32BigEndian(frame, Size);
        BinaryPrimitives.WriteInt32BigEndian(frame[4..], 0x02000000 | Channel);
        var writer = new WireWriter(frame[FrameGuard.HeaderLength..]);
        writer.Descriptor(Descriptors.Disposition);
        writer.Raw([0xc0, 17, 5]);
        writer.Boolean(IsReceiver);
        writer.UInt(First);
        writer.UInt(Last);
        writer.Boolean(true);
        writer.Descriptor(Descriptors.Accepted);
        writer.Byte(0x45);
        output.Advance(Size);
    }
}
