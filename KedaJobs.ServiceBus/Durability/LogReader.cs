using System.Buffers.Binary;

namespace KedaJobs.ServiceBus.Durability;

/// <summary>What reading the log came to.</summary>
/// <param name="NamespaceCreatedAt">When the log was begun, or null if there is none.</param>
/// <param name="TornBytes">How much of the last segment was not written to its end and is cut off.</param>
internal sealed record LogReading(DateTime? NamespaceCreatedAt, long TornBytes);

/// <summary>Reads the whole log, oldest frame first.</summary>
internal static class LogReader
{
    private const string WhatToDo =
        "Nothing was changed. Restore the directory from a copy, or start with another (or an empty) data directory: "
        + "the contents of this one are then lost.";

    /// <summary>Reads all segments.</summary>
    /// <param name="store">Where they are. The end of the last one is cut off if it is torn.</param>
    /// <param name="segments">Gets the segments.</param>
    /// <param name="apply">Takes in a frame's payload.</param>
    /// <exception cref="BrokerStartException">
    /// Something other than the end of the last segment is damaged, or was written by another version.
    /// </exception>
    public static LogReading Read(ISegmentStore store, SegmentTable segments, Action<Segment, ReadOnlySpan<byte>> apply)
    {
        var numbers = store.List();
        var reading = new LogReading(null, 0);
        var buffer = Array.Empty<byte>();
        for (var index = 0; index < numbers.Count; index++)
        {
            var number = numbers[index];
            if (index > 0 && number != numbers[index - 1] + 1)
            {
                throw new BrokerStartException($"{store.NameOf(numbers[index - 1] + 1)} is missing. {WhatToDo}");
            }

            var length = checked((int)store.LengthOf(number));
            if (buffer.Length < length)
            {
                buffer = GC.AllocateUninitializedArray<byte>(length);
            }

            var bytes = buffer.AsSpan(0, length);
            store.Read(number, bytes);
            var isLast = index == numbers.Count - 1;
            var segment = new Segment(number);
            var whole = Read(store, segment, bytes, isLast, apply, ref reading);
            reading = reading with { TornBytes = length - whole };
            if (whole == 0)
            {
                store.Delete(number);
                break;
            }

            if (whole < length)
            {
                store.Truncate(number, whole);
            }

            segment.Length = whole;
            segments.Add(segment);
        }

        return reading;
    }

    /// <returns>
    /// How much of the segment is whole: less than its length only for the last, nothing if not even its header was written.
    /// </returns>
    private static int Read(
        ISegmentStore store, Segment segment, ReadOnlySpan<byte> bytes, bool isLast, Action<Segment, ReadOnlySpan<byte>> apply,
        ref LogReading reading)
    {
        switch (LogFormat.ReadSegmentHeader(bytes, segment.Number, out var created))
        {
            case SegmentProblem.OtherVersion:
                throw new BrokerStartException(
                    $"{store.NameOf(segment.Number)} has a format that this version of the broker does not know (it knows "
                    + $"{LogFormat.Version}): "
                    + "start the version that wrote it, or choose another data directory.");
            case SegmentProblem.Damaged when isLast && bytes.Length <= LogFormat.SegmentHeaderSize:
                // The header is on disk before anything follows it.
                return 0;
            case SegmentProblem.Damaged:
                throw Damaged(store, segment.Number, 0);
        }

        reading = reading with { NamespaceCreatedAt = reading.NamespaceCreatedAt ?? created };
        var position = LogFormat.SegmentHeaderSize;
        while (position < bytes.Length)
        {
            if (!LogFormat.TryReadFrame(bytes[position..], segment.Number, out var payload, out _))
            {
                return isLast && !HasProofOfSync(bytes, position, segment.Number)
                    ? position
                    : throw Damaged(store, segment.Number, position);
            }

            try
            {
                apply(segment, payload);
            }
            catch (RecordFormatException unknown)
            {
                throw new BrokerStartException(
                    $"{store.NameOf(segment.Number)}: what is at byte {position} was written by a version of the broker that this one does "
                    + "not understand "
                    + $"({unknown.Message}): start that version, or choose another data directory.", unknown);
            }

            position += LogFormat.FrameHeaderSize + payload.Length;
        }

        return position;
    }

    /// <summary>Whether a later frame says that what is at a position was on disk for certain: then it is damaged, not torn.</summary>
    private static bool HasProofOfSync(ReadOnlySpan<byte> bytes, int position, long segment)
    {
        for (var at = position + 1; at <= bytes.Length - LogFormat.FrameHeaderSize; at++)
        {
            // Cheap to tell for nearly every position: it would claim more than there is, or too little.
            var synced = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 8)..]);
            if (synced > position && synced <= at && LogFormat.TryReadFrame(bytes[at..], segment, out _, out _))
            {
                return true;
            }
        }

        return false;
    }

    private static BrokerStartException Damaged(ISegmentStore store, long number, int position) =>
        new($"{store.NameOf(number)} is damaged at byte {position}. {WhatToDo}");
}
