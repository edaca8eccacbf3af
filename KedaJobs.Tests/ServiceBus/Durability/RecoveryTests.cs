using KedaJobs.ServiceBus.Durability;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.Tests.ServiceBus.Entities;

namespace KedaJobs.Tests.ServiceBus.Durability;

public sealed class RecoveryTests
{
    /// <summary>Segments so small that the random uses below fill several.</summary>
    private static readonly LogLimits ManySegments = new() { SegmentSize = 4096, Slack = long.MaxValue / 4, FewSegments = int.MaxValue };

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public async Task A_crash_at_any_byte_leaves_what_the_last_whole_turn_made(int seed, bool sessions)
    {
        await using var queue = new DurableQueue(limits: ManySegments, queues: RandomUse.Options(sessions));
        List<(long Length, long LastNumber, DateTime Now, string State)> turns = [];
        var use = new RandomUse(queue, seed) { BetweenTurns = Keep };
        for (var step = 0; step < 60; step++)
        {
            use.Step();
            Keep();
        }

        void Keep() =>
            turns.Add(
                (queue.Length, queue.Entity.LastSequenceNumber, queue.Now, DurableQueue.Describe(
                    queue.Entity, afterCrash: true, queue.Now)));

        await queue.Log.Gate.WaitAsync();
        for (var (length, turn) = (turns[0].Length, 0); length <= turns[^1].Length; length++)
        {
            while (turn + 1 < turns.Count && turns[turn + 1].Length <= length)
            {
                turn++;
            }

            var restored = Restore(queue.Disk.Cut(length), turns[turn].Now);
            var actual = DurableQueue.Describe(restored, afterCrash: false, turns[turn].Now);
            Assert.True(
                turns[turn].State == actual, $"seed {seed}, cut at byte {length}, turn {turn}:\n{turns[turn].State}\nbecame\n{actual}");
            Assert.True(
                restored.LastSequenceNumber > turns[turn].LastNumber, $"seed {seed}, cut at byte {length}: numbers may be given twice");
        }
    }

    [Fact]
    public async Task Numbers_go_on_without_a_gap_after_a_stop_in_order_and_with_one_after_a_crash()
    {
        var queue = new DurableQueue(queues: new KedaJobs.ServiceBus.QueueOptions { Name = "jobs" });
        queue.Send("a");
        var crashed = await queue.CrashAsync();
        await queue.DisposeAsync();
        await using var stopped = new DurableQueue(queue.Disk);
        Assert.Equal(1, stopped.Entity.LastSequenceNumber);
        Assert.Equal(1 + Recovery.SkippedNumbers, crashed.Entity.LastSequenceNumber);

        // That they were left out is kept, though no message came.
        await crashed.DisposeAsync();
        await using var next = new DurableQueue(crashed.Disk);
        Assert.Equal(1 + Recovery.SkippedNumbers, next.Entity.LastSequenceNumber);
    }

    [Fact]
    public async Task A_message_that_was_being_delivered_too_often_comes_back_as_a_dead_letter()
    {
        await using var queue = new DurableQueue(queues: new KedaJobs.ServiceBus.QueueOptions { Name = "jobs", MaxDeliveryCount = 2 });
        queue.Send("a");
        queue.Receive();
        await using var once = await queue.CrashAsync();
        Assert.Equal(1, Assert.Single(once.Queue.Messages).DeliveryCount);
        once.Receive();
        await using var twice = await once.CrashAsync();
        Assert.Empty(twice.Queue.Messages);
        var dead = Assert.Single(twice.Entity.DeadLetter.Messages);
        Assert.Equal("MaxDeliveryCountExceeded", ((TestContent)dead.Content).Properties["DeadLetterReason"]);

        // What the start made of it is noted too.
        await using var again = await twice.CrashAsync();
        Assert.Single(again.Entity.DeadLetter.Messages);
    }

    [Fact]
    public async Task A_queue_that_was_deleted_stays_deleted_and_its_successor_starts_empty()
    {
        await using var queue = new DurableQueue(queues: new KedaJobs.ServiceBus.QueueOptions { Name = "jobs" });
        queue.Send("old");
        queue.Catalog.Delete("jobs");
        await using (var crashed = await queue.CrashAsync())
        {
            Assert.Empty(crashed.Catalog.Queues);
        }

        queue.Catalog.Create(new KedaJobs.ServiceBus.QueueOptions { Name = "JOBS" }, out _, out _);
        queue.Send("new");
        await using var successor = await queue.CrashAsync();
        Assert.Equal("new", ((TestContent)Assert.Single(successor.Queue.Messages).Content).Body);
        Assert.Equal("JOBS", successor.Entity.Name);
    }

    [Fact]
    public async Task Messages_of_a_queue_that_is_declared_to_forward_move_on_at_the_start()
    {
        await using var queue = new DurableQueue(queues: [new() { Name = "jobs" }, new() { Name = "next" }]);
        queue.Send("a");

        var before = await queue.CrashAsync();
        await before.DisposeAsync();
        await using var after = new DurableQueue(
            before.Disk, queues: [new() { Name = "jobs", ForwardTo = "next" }, new() { Name = "next" }]);
        Assert.Empty(after.Queue.Messages);
        await using var restarted = await after.CrashAsync();
        Assert.Single(restarted.Catalog.Find("next")!.Main.Messages);
    }

    [Fact]
    public async Task A_deferred_message_and_a_sessions_state_come_back_as_they_count()
    {
        var options = new KedaJobs.ServiceBus.QueueOptions
        {
            Name = "jobs",
            DefaultMessageTimeToLive = TimeSpan.FromMinutes(1),
            DeadLetteringOnMessageExpiration = true,
        };
        await using var queue = new DurableQueue(queues: [options, options with { Name = "sessions", RequiresSession = true }]);
        queue.Send("a");
        var deferred = queue.Receive().Last;
        Assert.Equal(SettleOutcome.Done, queue.Queue.Settle(deferred.LockToken, new Settlement(Disposition.Defer), queue.Now));
        var sessions = queue.Catalog.Find("sessions")!;
        Assert.Equal(AttachOutcome.Attached, sessions.Main.AttachSession(new TestConsumer(), "s", TimeSpan.Zero, queue.Now, out _, out _));
        Assert.Equal(SettleOutcome.Done, sessions.Main.SetSessionState("s", new byte[1000], queue.Now));

        await using var crashed = await queue.CrashAsync();
        crashed.Time.Advance(TimeSpan.FromDays(1));

        Assert.Equal((1, 0), (crashed.Entity.Count(crashed.Now).Active, crashed.Entity.Count(crashed.Now).DeadLetter));
        Assert.Equal(1000, crashed.Catalog.Find("sessions")!.Count(crashed.Now).SizeInBytes);
        Assert.Equal(
            NumberOutcome.NotFound,
            crashed.Queue.ReceiveDeferred([deferred.SequenceNumber], ReceiveMode.PeekLock, null, crashed.Now, out _));
        Assert.Equal((0, 1), (crashed.Entity.Count(crashed.Now).Active, crashed.Entity.Count(crashed.Now).DeadLetter));
    }

    [Fact]
    public async Task A_number_that_went_to_a_duplicate_is_not_given_again()
    {
        await using var queue = new DurableQueue(queues: RandomUse.Options(sessions: false));
        queue.Send("a", id: "1");
        queue.Send("b", id: "1");
        Assert.Equal(2, queue.Entity.LastSequenceNumber);
        await queue.DisposeAsync();
        await using var restarted = new DurableQueue(queue.Disk);
        Assert.Equal(2, restarted.Entity.LastSequenceNumber);
    }

    private static QueueEntity Restore(MemorySegments disk, DateTime now)
    {
        var recovery = new Recovery(TestContent.Restore);
        LogReader.Read(disk, new SegmentTable(ManySegments), recovery.Apply);
        var restored = Assert.Single(recovery.Finish());
        var entity = new QueueEntity(restored, ((RestoredDeclaration.Queue)restored.Declaration).Options, now, NoJournal.Instance, null);
        entity.RestoreMessages(restored, now);
        return entity;
    }
}
