using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Durability;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.ServiceBus.Durability;

public sealed class LogCleaningTests
{
    private static readonly LogLimits Small = new() { SegmentSize = 2048, Slack = 4096, FewSegments = 4, CleaningStep = 300 };

    [Theory]
    [InlineData(11, false)]
    [InlineData(12, false)]
    [InlineData(13, true)]
    [InlineData(14, true)]
    public async Task Whatever_is_cleaned_away_nothing_that_lives_is_lost(int seed, bool sessions)
    {
        await using var queue = new DurableQueue(limits: Small, queues: RandomUse.Options(sessions));
        queue.Log.StartCleaning(queue.Catalog);
        var use = new RandomUse(queue, seed);
        for (var step = 0; step < 1500; step++)
        {
            use.Step();
            if (step % 25 != 0)
            {
                continue;
            }

            var expected = DurableQueue.Describe(queue.Entity, afterCrash: true, queue.Now);
            await using var crashed = await queue.CrashAsync();
            var actual = DurableQueue.Describe(crashed.Entity, afterCrash: false, queue.Now);
            Assert.True(expected == actual, $"seed {seed}, step {step}:\n{expected}\nbecame\n{actual}");
        }

        Assert.True(queue.Disk.List()[0] > 1, "nothing was cleaned: the test tests nothing");
    }

    [Fact]
    public async Task The_log_of_a_busy_queue_with_one_old_message_stays_small()
    {
        await using var queue = new DurableQueue(limits: Small, queues: new QueueOptions { Name = "jobs" });
        queue.Log.StartCleaning(queue.Catalog);
        queue.Send("stuck");
        queue.Receive();
        for (var index = 0; index < 2000; index++)
        {
            queue.Send($"{index}");
            queue.Receive(mode: ReceiveMode.ReceiveAndDelete);
        }

        await Eventually.SucceedsAsync(
            "the log is cleaned",
            () => Assert.InRange(queue.Length, 1, Small.Slack + (2 * Small.SegmentSize)));
        await using var crashed = await queue.CrashAsync();
        Assert.Equal(
            "1 stuck", string.Join(' ', crashed.Queue.Messages.Select(message => $"{message.DeliveryCount} {message.Content.MessageId}")));
    }

    [Fact]
    public async Task Starts_do_not_leave_ever_more_segments()
    {
        var disk = new MemorySegments();
        for (var start = 0; start < 30; start++)
        {
            await using var queue = new DurableQueue(disk, Small, queues: new QueueOptions { Name = "jobs" });
            queue.Send($"{start}");
            queue.Log.StartCleaning(queue.Catalog);
            await Eventually.SucceedsAsync("segments are cleaned away", () => Assert.InRange(disk.List().Count, 1, 16));
        }

        await using var last = new DurableQueue(disk, Small);
        Assert.Equal(30, last.Entity.Count(last.Now).Active);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_lives_in_each_segment_is_counted_exactly(bool sessions)
    {
        await using var queue = new DurableQueue(limits: Small, queues: RandomUse.Options(sessions));
        var use = new RandomUse(queue, seed: 21);
        for (var step = 0; step < 500; step++)
        {
            use.Step();
        }

        var living = new IJournaled[] { queue.Entity }
            .Concat(queue.Queue.Messages).Concat(queue.Entity.DeadLetter.Messages)
            .Concat(queue.Queue.Sessions.Where(session => session.State is not null))
            .Concat(queue.Entity.History!.Entries)
            .CountBy(item => (Segment)item.JournalPlace.Part!).ToDictionary();
        var counted = ((LogWriter)queue.Log.Gate)
            .Inspect(segments => segments.All.ToDictionary(segment => segment, segment => segment.LiveItems));
        Assert.True(counted.Count > 3);
        Assert.All(counted, segment => Assert.Equal(living.GetValueOrDefault(segment.Key), segment.Value));

        queue.Catalog.Delete("jobs");
        Assert.All(
            ((LogWriter)queue.Log.Gate).Inspect(segments => segments.All.ToList()),
            segment => Assert.Equal((0, 0L), (segment.LiveItems, segment.LiveBytes)));
    }
}
