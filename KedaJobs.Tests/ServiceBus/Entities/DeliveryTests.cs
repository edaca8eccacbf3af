using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.Tests.ServiceBus.Entities;

public sealed class DeliveryTests
{
    [Fact]
    public void Messages_come_in_the_order_of_arrival()
    {
        var queue = new QueueFixture();
        queue.Send("a");
        queue.Send("b");
        var receiver = queue.Receive(credit: 3);
        queue.Send("c");
        Assert.Equal(["a", "b", "c"], receiver.Bodies);
        Assert.Equal([1L, 2, 3], receiver.Received.Select(message => message.SequenceNumber));
    }

    [Fact]
    public void A_receiver_gets_no_more_than_its_credit()
    {
        var queue = new QueueFixture();
        var receiver = queue.Receive(credit: 2);
        foreach (var body in (string[])["a", "b", "c"])
        {
            queue.Send(body);
        }

        Assert.Equal(["a", "b"], receiver.Bodies);
        receiver.Allow(1, queue.Now);
        Assert.Equal(["a", "b", "c"], receiver.Bodies);
    }

    [Fact]
    public void Receivers_take_turns()
    {
        var queue = new QueueFixture();
        var (first, second) = (queue.Receive(credit: 3), queue.Receive(credit: 3));
        foreach (var body in (string[])["a", "b", "c", "d"])
        {
            queue.Send(body);
        }

        Assert.Equal(["a", "c"], first.Bodies);
        Assert.Equal(["b", "d"], second.Bodies);
    }

    [Fact]
    public void A_drain_gives_up_the_credit_after_what_is_there()
    {
        var queue = new QueueFixture();
        queue.Send("a");
        var receiver = queue.Receive(credit: 0);
        receiver.Allow(5, queue.Now, drain: true);
        Assert.Equal(["a"], receiver.Bodies);
        Assert.Equal(1, receiver.Drains);
        queue.Send("b");
        Assert.Equal(["a"], receiver.Bodies);
        receiver.Allow(1, queue.Now);
        Assert.Equal(["a", "b"], receiver.Bodies);
    }

    [Fact]
    public void A_drain_without_credit_is_answered_too()
    {
        var queue = new QueueFixture();
        var receiver = queue.Receive(credit: 0);
        receiver.Allow(0, queue.Now, drain: true);
        Assert.Equal(1, receiver.Drains);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("session")]
    public void A_receiver_is_given_what_it_has_room_for_and_the_rest_stays_free_for_others(string? sessionId)
    {
        var queue = new QueueFixture(options => options with { RequiresSession = sessionId is not null });
        for (var index = 0; index < 10; index++)
        {
            queue.Send($"{index}", sessionId);
        }

        var receiver = sessionId is null ? queue.Receive(credit: 0) : queue.ReceiveSession(sessionId, credit: 0);
        receiver.Room = 4;
        receiver.Allow(100, queue.Now);

        Assert.Equal(["0", "1", "2", "3"], receiver.Bodies);
        Assert.Equal(4, queue.Queue.Peek(0, 100, null, queue.Now).Count(message => message.LockedUntil is not null));

        receiver.Room = 3;
        queue.Queue.Resume(receiver, queue.Now);
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6"], receiver.Bodies);
        if (sessionId is null)
        {
            Assert.Equal(["7", "8", "9"], queue.Receive(credit: 10).Bodies);
        }
    }

    [Fact]
    public void A_drain_is_answered_at_once_though_there_are_messages_that_the_receiver_has_no_room_for()
    {
        var queue = new QueueFixture(options => options with { MaxDeliveryCount = 1 });
        for (var index = 0; index < 5; index++)
        {
            queue.Send($"{index}");
        }

        var receiver = queue.Receive(credit: 0);
        receiver.Room = 2;
        receiver.Allow(100, queue.Now, drain: true);

        Assert.Equal((1, 2), (receiver.Drains, receiver.ReceivedBeforeDrain));
        receiver.Room = 100;
        queue.Queue.Resume(receiver, queue.Now);
        Assert.Equal(2, receiver.Received.Count);

        // What it had no room for was never delivered: a first delivery is still allowed.
        var other = queue.Receive(credit: 100);
        Assert.Equal(["2", "3", "4"], other.Bodies);
        Assert.All(other.Received, message => Assert.Equal(0, message.DeliveryCount));
    }

    [Fact]
    public void A_huge_credit_gets_everything_in_order_and_a_drain_comes_after_it()
    {
        const int Count = 5000;
        var queue = new QueueFixture();
        for (var index = 0; index < Count; index++)
        {
            queue.Send($"{index}");
        }

        var receiver = queue.Receive(credit: 0);
        receiver.Allow(int.MaxValue / 2, queue.Now, drain: true);

        Assert.Equal(Enumerable.Range(0, Count).Select(index => $"{index}"), receiver.Bodies);
        Assert.Equal((1, Count), (receiver.Drains, receiver.ReceivedBeforeDrain));
        queue.Send("later");
        Assert.Equal(Count, receiver.Received.Count);
    }

    [Fact]
    public void Receive_and_delete_removes_at_once()
    {
        var queue = new QueueFixture();
        queue.Send("a");
        var receiver = queue.Receive(mode: ReceiveMode.ReceiveAndDelete);
        Assert.Equal(["a"], receiver.Bodies);
        Assert.Equal(default, receiver.Last.LockToken);
        Assert.Null(receiver.Last.LockedUntil);
        Assert.Equal(0, queue.Counts.Total);
    }

    [Theory]
    [InlineData(ReceiveMode.PeekLock)]
    [InlineData(ReceiveMode.ReceiveAndDelete)]
    internal void What_could_not_be_handed_over_comes_again_at_its_place_and_uncounted(ReceiveMode mode)
    {
        var queue = new QueueFixture();
        queue.Send("a");
        queue.Send("b");
        var lost = queue.Receive(mode: mode);
        queue.Queue.Detach(lost, queue.Now);
        queue.Queue.Undeliver(lost.Last, mode, queue.Now);
        var receiver = queue.Receive(credit: 2);
        Assert.Equal(["a", "b"], receiver.Bodies);
        Assert.Equal(0, receiver.Received[0].DeliveryCount);
        Assert.Equal(lost.Last.SequenceNumber, receiver.Received[0].SequenceNumber);
    }

    [Fact]
    public void A_closed_receiver_keeps_its_locks_until_they_lapse()
    {
        var queue = new QueueFixture();
        queue.Send("a");
        var closed = queue.Receive();
        queue.Queue.Detach(closed, queue.Now);
        var next = queue.Receive();
        Assert.Empty(next.Received);
        queue.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["a"], next.Bodies);
        Assert.Equal(1, next.Last.DeliveryCount);
    }

    [Fact]
    public void Deleting_the_queue_detaches_receivers_and_refuses_everything()
    {
        var queue = new QueueFixture();
        queue.Send("a");
        var receiver = queue.Receive();
        queue.Entity.Delete(queue.Now);
        Assert.Equal(DetachReason.QueueDeleted, receiver.Detached);
        Assert.Equal(SendOutcome.QueueDeleted, queue.Send("b"));
        Assert.Equal(SettleOutcome.QueueDeleted, queue.Settle(receiver.Last, Disposition.Complete));
        Assert.Equal(AttachOutcome.QueueDeleted, queue.Queue.Attach(new TestConsumer(), queue.Now));
    }

    [Theory]
    [InlineData(EntityStatus.Disabled, SendOutcome.Disabled, AttachOutcome.Disabled)]
    [InlineData(EntityStatus.SendDisabled, SendOutcome.Disabled, AttachOutcome.Attached)]
    [InlineData(EntityStatus.ReceiveDisabled, SendOutcome.Accepted, AttachOutcome.Disabled)]
    internal void A_disabled_queue_refuses(EntityStatus status, SendOutcome send, AttachOutcome attach)
    {
        var queue = new QueueFixture(options => options with { Status = status });
        Assert.Equal(send, queue.Send("a"));
        Assert.Equal(attach, queue.Queue.Attach(new TestConsumer(), queue.Now));
    }

    [Fact]
    public void Disabling_a_queue_detaches_its_receivers()
    {
        var queue = new QueueFixture();
        var receiver = queue.Receive();
        queue.Entity.Update(queue.Entity.Options with { Status = EntityStatus.ReceiveDisabled }, queue.Now);
        Assert.Equal(DetachReason.QueueDisabled, receiver.Detached);
        Assert.Equal(SendOutcome.Accepted, queue.Send("a"));
        Assert.Empty(receiver.Received);
    }

    [Fact]
    public void Many_threads_neither_lose_nor_double_a_message()
    {
        const int Senders = 4, PerSender = 2000;
        var queue = new QueueFixture();
        var receivers = Enumerable.Range(0, 4).Select(_ => queue.Receive(credit: Senders * PerSender)).ToList();
        Parallel.For(0, Senders, sender =>
        {
            for (var index = 0; index < PerSender; index++)
            {
                queue.Send($"{sender}-{index}");
            }
        });
        Parallel.ForEach(receivers, receiver =>
        {
            foreach (var message in receiver.Received)
            {
                Assert.Equal(SettleOutcome.Done, queue.Settle(message, Disposition.Complete));
            }
        });
        Assert.Equal(Senders * PerSender, receivers.SelectMany(receiver => receiver.Bodies).Distinct().Count());
        Assert.All(
            receivers,
            receiver => Assert.Equal(
                receiver.Received.Select(message => message.SequenceNumber).Order(),
                receiver.Received.Select(message => message.SequenceNumber)));
        Assert.Equal(0, queue.Counts.Total);
        Assert.Equal(0, queue.Counts.SizeInBytes);
    }

}
