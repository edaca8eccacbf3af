using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.Tests.ServiceBus.Entities;

/// <summary>Walks over a large queue: they take several turns, and must give the same as one.</summary>
public sealed class LargeQueueTests
{
    private const int Count = 2_500;

    [Fact]
    public void A_peek_gives_no_more_than_a_megabyte_whatever_count_is_asked_for()
    {
        var queue = new QueueFixture();
        for (var number = 0; number < 20; number++)
        {
            Assert.Equal(SendOutcome.Accepted, queue.Entity.Send(new TestContent($"{number}") { SizeInBytes = 100 * 1024 }, queue.Now));
        }

        var first = queue.Queue.Peek(0, int.MaxValue, null, queue.Now);
        var second = queue.Queue.Peek(first[^1].SequenceNumber + 1, int.MaxValue, null, queue.Now);

        Assert.Equal([10, 10], new[] { first.Count, second.Count });
        Assert.Equal(Enumerable.Range(0, 20).Select(number => $"{number}"), first.Concat(second).Select(message => message.Body()));
    }

    [Fact]
    public void A_message_larger_than_a_megabyte_is_peeked_alone()
    {
        var queue = new QueueFixture(options => options with { MaxMessageSizeInKilobytes = 102400 });
        queue.Entity.Send(new TestContent("large") { SizeInBytes = 5 * 1024 * 1024 }, queue.Now);
        queue.Entity.Send(new TestContent("next") { SizeInBytes = 1 }, queue.Now);

        Assert.Equal("large", Assert.Single(queue.Queue.Peek(0, 10, null, queue.Now)).Body());
    }

    [Fact]
    public void A_peek_finds_the_messages_of_a_session_among_many_others()
    {
        var queue = new QueueFixture();
        Fill(queue);

        Assert.Equal(["0", "1000", "2000"], queue.Queue.Peek(0, 100, "s0", queue.Now).Select(message => message.Body()));
        Assert.Equal(["1000"], queue.Queue.Peek(2, 1, "s0", queue.Now).Select(message => message.Body()));
    }

    [Fact]
    public void A_batch_delete_passes_over_what_it_may_not_take()
    {
        var queue = new QueueFixture();
        Fill(queue);
        var locked = queue.Receive(credit: 700);

        Assert.Equal(1_000, queue.Queue.DeleteBatch(1_000, queue.Now, null, queue.Now));
        Assert.Equal(Count - 1_000, queue.Counts.Active);
        Assert.Equal(Count - 1_700, queue.Queue.DeleteBatch(4_000, queue.Now, null, queue.Now));
        Assert.Equal(700, queue.Counts.Active);
        Assert.Equal(0, queue.Queue.DeleteBatch(4_000, queue.Now, null, queue.Now));
        Assert.Equal(SettleOutcome.Done, queue.Settle(locked.Received[0], Disposition.Complete));
    }

    [Fact]
    public void A_batch_delete_takes_the_messages_of_a_session_or_time_only()
    {
        var queue = new QueueFixture();
        Fill(queue);
        var until = queue.Now;
        queue.Advance(TimeSpan.FromSeconds(1));
        queue.Send("later", sessionId: "s0");

        Assert.Equal(3, queue.Queue.DeleteBatch(100, until, "s0", queue.Now));
        Assert.Equal(["later"], queue.Peek("s0"));
    }

    [Fact]
    public void A_batch_delete_takes_no_more_than_Service_Bus_does()
    {
        var queue = new QueueFixture();
        Fill(queue);
        Fill(queue);

        Assert.Equal(4_000, queue.Queue.DeleteBatch(int.MaxValue, DateTime.MaxValue, null, queue.Now));
        Assert.Equal(1_000, queue.Counts.Active);
    }

    [Fact]
    public void A_deleted_queue_gives_nothing_and_has_nothing_deleted()
    {
        var queue = new QueueFixture();
        Fill(queue);
        queue.Entity.Delete(queue.Now);

        Assert.Empty(queue.Queue.Peek(0, 10, null, queue.Now));
        Assert.Equal(0, queue.Queue.DeleteBatch(10, DateTime.MaxValue, null, queue.Now));
    }

    /// <summary>Message N belongs to session <c>sN % 1000</c>.</summary>
    private static void Fill(QueueFixture queue)
    {
        for (var number = 0; number < Count; number++)
        {
            queue.Send($"{number}", sessionId: $"s{number % 1000}");
        }
    }
}
