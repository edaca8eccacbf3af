using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Durability;

/// <summary>One file of the log, and how much of what it holds is still the newest note of something that lives.</summary>
internal sealed class Segment(long number) : JournalPart
{
    public long Number { get; } = number;

    public long Length { get; set; } = LogFormat.SegmentHeaderSize;

    public int LiveItems { get; set; }

    public long LiveBytes { get; set; }
}

/// <summary>Something whose newest note is in the turn under way; no bytes: it lives no more.</summary>
internal readonly record struct NotedItem(IJournaled Item, int Bytes);

/// <summary>
/// The segments of the log, oldest first, the last one being written. The oldest may go when nothing lives in it. Only ever the oldest: a
/// note that something is gone must not go before the note that it was there. Guarded by the log's lock.
/// </summary>
internal sealed class SegmentTable(LogLimits limits)
{
    private readonly List<Segment> _segments = [];
    private long _totalBytes;
    private long _liveBytes;

    public Segment Oldest => _segments[0];

    public Segment Head => _segments[^1];

    public int Count => _segments.Count;

    public long TotalBytes => _totalBytes;

    public long LiveBytes => _liveBytes;

    public IReadOnlyList<Segment> All => _segments;

    /// <summary>
    /// Whether the oldest segment should be emptied: the log is much larger than what lives in it. What has to be written again for that is
    /// at most half of what was written, because what lives is at most half of the log.
    /// </summary>
    public bool NeedsCleaning => Count > 1
        && (_totalBytes > (2 * _liveBytes) + limits.Slack || Count > limits.FewSegments + (2 * _totalBytes / limits.SegmentSize));

    public void Add(Segment segment)
    {
        _segments.Add(segment);
        _totalBytes += segment.Length;
    }

    public void Grow(Segment segment, int bytes)
    {
        segment.Length += bytes;
        _totalBytes += bytes;
    }

    public void RemoveOldest()
    {
        _totalBytes -= Oldest.Length;
        _segments.RemoveAt(0);
    }

    /// <summary>Counts something as living in the head, or no more, and not where it was before.</summary>
    public void Note(in NotedItem noted)
    {
        Move(noted.Item.JournalPlace, -1);
        noted.Item.JournalPlace = noted.Bytes == 0 ? default : new JournalPlace(Head, noted.Bytes);
        Move(noted.Item.JournalPlace, 1);
    }

    /// <summary>Counts something where recovery found it.</summary>
    public void Found(in JournalPlace place) => Move(place, 1);

    private void Move(in JournalPlace place, int sign)
    {
        if (place.Part is Segment segment)
        {
            segment.LiveItems += sign;
            segment.LiveBytes += sign * (long)place.Bytes;
            _liveBytes += sign * (long)place.Bytes;
        }
    }
}

/// <summary>The sizes that govern the log, in bytes.</summary>
internal sealed record LogLimits
{
    /// <summary>How large a segment becomes before the next one begins; one frame may exceed it.</summary>
    public long SegmentSize { get; init; } = 32L * 1024 * 1024;

    /// <summary>How much the log may have beyond twice what lives in it.</summary>
    public long Slack { get; init; } = 64L * 1024 * 1024;

    /// <summary>How many segments may be there that are not full, as each start of the broker leaves one.</summary>
    public int FewSegments { get; init; } = 8;

    /// <summary>How much is written again in one turn of a queue.</summary>
    public int CleaningStep { get; init; } = 256 * 1024;
}
