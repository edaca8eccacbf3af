using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Durability;
using KedaJobs.Tests.ServiceBus.Entities;

namespace KedaJobs.Tests.ServiceBus.Durability;

public sealed class LogReaderTests
{
    private static readonly QueueOptions Jobs = new() { Name = "jobs" };

    [Fact]
    public async Task A_torn_tail_is_cut_off_and_stays_off()
    {
        var disk = await WriteAsync("a", "b");
        disk.Change(1, bytes => bytes[..^3]);
        AssertBodies(disk, isTorn: true, "a");
        AssertBodies(disk, isTorn: false, "a");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_segment_that_was_just_begun_is_taken_away_and_begun_again(int length)
    {
        var disk = await WriteAsync("a");
        disk.Put(2, new byte[length]);
        await using (var queue = new DurableQueue(disk))
        {
            queue.Send("b");
        }

        AssertBodies(disk, isTorn: false, "a", "b");
        Assert.Equal([1L, 2], disk.List());
    }

    [Fact]
    public async Task Any_flipped_bit_before_what_was_certainly_on_disk_is_refused()
    {
        // The frame that was written last is the only one of which nothing later says that it was on disk.
        var disk = await WriteAsync("a", "b", "c");
        var whole = disk.Copy()[1];
        var lastFrame = LastFrame(whole);
        for (var position = 0; position < lastFrame; position++)
        {
            var flipped = (byte[])whole.Clone();
            flipped[position] ^= 0x10;
            var refused = Assert.Throws<BrokerStartException>(() => Read(new MemorySegments([new(1, flipped)]), out _));
            Assert.StartsWith("segment 1", refused.Message, StringComparison.Ordinal);
        }

        for (var position = lastFrame; position < whole.Length; position++)
        {
            var flipped = (byte[])whole.Clone();
            flipped[position] ^= 0x10;
            AssertBodies(new MemorySegments([new(1, flipped)]), isTorn: true, "a", "b");
        }
    }

    [Fact]
    public async Task A_segment_that_is_not_the_last_must_be_whole()
    {
        var disk = await WriteAsync("a");
        await new DurableQueue(disk).DisposeAsync();
        disk.Change(1, bytes => bytes[..^1]);
        var refused = Assert.Throws<BrokerStartException>(() => Read(disk, out _));
        Assert.Contains("segment 1 is damaged at byte", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Restore the directory from a copy", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_segment_is_named()
    {
        var disk = await WriteAsync("a");
        await new DurableQueue(disk).DisposeAsync();
        await new DurableQueue(disk).DisposeAsync();
        var left = disk.Copy();
        left.Remove(2);
        var refused = Assert.Throws<BrokerStartException>(() => Read(new MemorySegments(left), out _));
        Assert.StartsWith("segment 2 is missing.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_version_of_the_format_is_refused()
    {
        var disk = await WriteAsync("a");
        disk.Change(1, bytes =>
        {
            bytes[8] = 9;
            return bytes;
        });
        var refused = Assert.Throws<BrokerStartException>(() => Read(disk, out _));
        Assert.Contains("a format that this version of the broker does not know (it knows 1)", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_of_an_unknown_kind_is_refused()
    {
        var disk = await WriteAsync();
        var records = new RecordWriter();
        Records.WriteEmpty(records, (RecordKind)200);
        var payload = records.Finish(1, 0, default).ToArray();
        var frame = new byte[LogFormat.FrameHeaderSize + payload.Length];
        LogFormat.WriteFrameHeader(frame, payload.Length, Crc32C.Append(Crc32C.Empty, payload), 0, 1);
        payload.CopyTo(frame, LogFormat.FrameHeaderSize);
        disk.Change(1, bytes => [.. bytes, .. frame]);
        var refused = Assert.Throws<BrokerStartException>(() => Read(disk, out _));
        Assert.Contains("there is no record of kind 200", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_checksum_is_the_standards()
    {
        // RFC 3720, B.4: 32 bytes of zeros, of ones, and ascending.
        Assert.Equal(0x8a9136aau, Crc32C.Append(Crc32C.Empty, new byte[32]));
        Assert.Equal(0x62a8ab43u, Crc32C.Append(Crc32C.Empty, Enumerable.Repeat((byte)0xff, 32).ToArray()));
        var ascending = Enumerable.Range(0, 32).Select(value => (byte)value).ToArray();
        Assert.Equal(0x46dd794eu, Crc32C.Append(Crc32C.Empty, ascending));
        Assert.Equal(0x46dd794eu, Crc32C.Append(Crc32C.Append(Crc32C.Empty, ascending.AsSpan(0, 13)), ascending.AsSpan(13)));
    }

    /// <summary>A log in which each message was on disk before the next one came.</summary>
    private static async Task<MemorySegments> WriteAsync(params string[] bodies)
    {
        await using var queue = new DurableQueue(queues: Jobs);
        foreach (var body in bodies)
        {
            queue.Send(body);
            await queue.Log.Gate.WaitAsync();
        }

        // A copy, because a stop in order would add to it.
        return new MemorySegments(queue.Disk.Copy());
    }

    private static void AssertBodies(MemorySegments disk, bool isTorn, params string[] bodies)
    {
        var recovery = Read(disk, out var reading);
        var queue = Assert.Single(recovery.Finish());
        Assert.Equal(bodies, queue.Messages.Select(restored => ((TestContent)restored.Message.Content).Body));
        Assert.Equal(isTorn, reading.TornBytes > 0);
    }

    private static Recovery Read(MemorySegments disk, out LogReading reading)
    {
        var recovery = new Recovery(TestContent.Restore);
        reading = LogReader.Read(disk, new SegmentTable(new LogLimits()), recovery.Apply);
        return recovery;
    }

    private static int LastFrame(byte[] segment)
    {
        var (last, position) = (0, LogFormat.SegmentHeaderSize);
        while (position < segment.Length)
        {
            Assert.True(LogFormat.TryReadFrame(segment.AsSpan(position), 1, out var payload, out _));
            last = position;
            position += LogFormat.FrameHeaderSize + payload.Length;
        }

        return last;
    }
}
