using KedaJobs.ServiceBus.Durability;

namespace KedaJobs.Tests.ServiceBus.Durability;

/// <summary>A disk of one log: what was flushed and what was only written, and a switch that breaks it.</summary>
internal sealed class MemorySegments : ISegmentStore
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, byte[]> _segments = [];

    public MemorySegments()
    {
    }

    public MemorySegments(IEnumerable<KeyValuePair<long, byte[]>> segments)
    {
        foreach (var (number, bytes) in segments)
        {
            _segments.Add(number, bytes);
        }
    }

    /// <summary>Thrown by every write and flush from now on, if not null.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Holds flushes up while it is not set.</summary>
    public ManualResetEventSlim FlushAllowed { get; } = new(true);

    public int Flushes { get; private set; }

    public bool IsFlushing { get; private set; }

    /// <summary>A copy of everything written.</summary>
    public Dictionary<long, byte[]> Copy()
    {
        lock (_gate)
        {
            return _segments.ToDictionary(segment => segment.Key, segment => (byte[])segment.Value.Clone());
        }
    }

    /// <summary>What a crash leaves that comes when this many bytes of the log were written.</summary>
    public MemorySegments Cut(long length)
    {
        var left = new Dictionary<long, byte[]>();
        foreach (var (number, bytes) in Copy().OrderBy(segment => segment.Key))
        {
            if (length > 0)
            {
                left.Add(number, bytes[..(int)Math.Min(bytes.Length, length)]);
                length -= bytes.Length;
            }
        }

        return new MemorySegments(left);
    }

    public string NameOf(long number) => $"segment {number}";

    public IReadOnlyList<long> List()
    {
        lock (_gate)
        {
            return [.. _segments.Keys];
        }
    }

    public long LengthOf(long number) => Copy()[number].Length;

    public void Read(long number, Span<byte> buffer) => Copy()[number].CopyTo(buffer);

    public void Truncate(long number, long length) => Change(number, bytes => bytes[..(int)length]);

    public ISegmentFile Create(long number)
    {
        lock (_gate)
        {
            _segments.Add(number, []);
        }

        return new Writer(this, number);
    }

    public void Delete(long number)
    {
        lock (_gate)
        {
            Assert.True(number == _segments.Keys.First() || number == _segments.Keys.Last(), "a segment in the middle goes");
            _segments.Remove(number);
        }
    }

    public void Dispose()
    {
        // The disk outlives the broker.
    }

    public void Put(long number, byte[] bytes)
    {
        lock (_gate)
        {
            _segments.Add(number, bytes);
        }
    }

    public void Change(long number, Func<byte[], byte[]> change)
    {
        lock (_gate)
        {
            _segments[number] = change(_segments[number]);
        }
    }

    private sealed class Writer(MemorySegments disk, long number) : ISegmentFile
    {
        public void Append(ReadOnlySpan<byte> bytes)
        {
            ThrowIfBroken();
            var copy = bytes.ToArray();
            disk.Change(number, before => [.. before, .. copy]);
        }

        public void Flush()
        {
            disk.IsFlushing = true;
            Assert.True(disk.FlushAllowed.Wait(TimeSpan.FromSeconds(30)));
            disk.IsFlushing = false;
            ThrowIfBroken();
            disk.Flushes++;
        }

        public void Dispose()
        {
        }

        private void ThrowIfBroken()
        {
            if (disk.Failure is { } failure)
            {
                throw failure;
            }
        }
    }
}
