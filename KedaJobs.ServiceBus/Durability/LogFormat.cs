using System.Buffers.Binary;

namespace KedaJobs.ServiceBus.Durability;

/// <summary>
/// The layout of a segment, a file of the log. All numbers are little-endian.
/// <code>
/// segment = magic "KJSBLOG" 0, version u32, checksum u32 of the rest of this header, number i64,
///           namespace created i64 (UTC ticks), then frames
/// frame   = payload length u32, checksum u32, synced u32, payload
/// payload = queue id i64, last sequence number i64, last access i64 (UTC ticks), then records   (see Records)
/// </code>
/// A frame's checksum covers the payload, then the two other fields of its header and the segment's number. <c>synced</c> is
/// how much of the segment was on disk for certain when the frame was added: a frame that cannot be read, before a good one
/// that says so much of it was, is no torn tail.
/// </summary>
internal static class LogFormat
{
    public const uint Version = 1;
    public const int SegmentHeaderSize = 32;
    public const int FrameHeaderSize = 12;
    public const int PayloadPrefixSize = 24;

    private static ReadOnlySpan<byte> Magic => "KJSBLOG\0"u8;

    public static byte[] SegmentHeader(long number, DateTime namespaceCreatedAt)
    {
        var header = new byte[SegmentHeaderSize];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), number);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), namespaceCreatedAt.Ticks);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), Crc32C.Append(Crc32C.Empty, header.AsSpan(16)));
        return header;
    }

    /// <summary>Reads a segment's header.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static SegmentProblem? ReadSegmentHeader(ReadOnlySpan<byte> segment, long number, out DateTime namespaceCreatedAt)
    {
        namespaceCreatedAt = default;
        if (segment.Length < SegmentHeaderSize)
        {
            return SegmentProblem.Damaged;
        }

        if (!segment.StartsWith(Magic))
        {
            return SegmentProblem.Damaged;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(segment[8..]) != Version)
        {
            return SegmentProblem.OtherVersion;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(segment[12..]) != Crc32C.Append(Crc32C.Empty, segment[16..SegmentHeaderSize])
            || BinaryPrimitives.ReadInt64LittleEndian(segment[16..]) != number)
        {
            return SegmentProblem.Damaged;
        }

        namespaceCreatedAt = new DateTime(BinaryPrimitives.ReadInt64LittleEndian(segment[24..]), DateTimeKind.Utc);
        return null;
    }

    /// <summary>Writes the header of a frame.</summary>
    /// <param name="header">Where it goes.</param>
    /// <param name="payloadLength">The payload's length in bytes.</param>
    /// <param name="payloadChecksum">The payload's own checksum.</param>
    /// <param name="synced">How many bytes of the segment are on disk for certain.</param>
    /// <param name="segment">The segment's number.</param>
    public static void WriteFrameHeader(Span<byte> header, int payloadLength, uint payloadChecksum, uint synced, long segment)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header, payloadLength);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], synced);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], Checksum(payloadChecksum, payloadLength, synced, segment));
    }

    /// <summary>Reads the frame at the beginning of the bytes.</summary>
    /// <returns>Whether there is a whole one.</returns>
    public static bool TryReadFrame(ReadOnlySpan<byte> bytes, long segment, out ReadOnlySpan<byte> payload, out uint synced)
    {
        payload = default;
        synced = 0;
        if (bytes.Length < FrameHeaderSize)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length < PayloadPrefixSize || length > bytes.Length - FrameHeaderSize)
        {
            return false;
        }

        payload = bytes.Slice(FrameHeaderSize, length);
        synced = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) == Checksum(
            Crc32C.Append(Crc32C.Empty, payload), length, synced, segment);
    }

    private static uint Checksum(uint payloadChecksum, int payloadLength, uint synced, long segment)
    {
        Span<byte> rest = stackalloc byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(rest, payloadLength);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[4..], synced);
        BinaryPrimitives.WriteInt64LittleEndian(rest[8..], segment);
        return Crc32C.Append(payloadChecksum, rest);
    }
}

/// <summary>Why a segment cannot be read.</summary>
internal enum SegmentProblem
{
    Damaged,
    OtherVersion,
}
