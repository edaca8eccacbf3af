using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.Tests.ServiceBus.Entities;

public sealed class SettlementTests
{
    [Fact]
    public void Complete_removes_the_message()
    {
        var queue = new QueueFixture();
        queue.Send("a");
        var receiver = queue.Receive();
        Assert.Equal(1, queue.Counts.Active);
        Assert.Equal(SettleOutcome.Done, queue.Settle(receiver.Last, Disposition.Complete));
        Assert.Equal(0, queue.Counts.Total);
        Assert.Equal(0, queue.Counts.SizeInBytes);
    }

    [Fact]
    public void A_message_is_settled_once()
    {
        var queue = new QueueFixture();
        queue.Send("a");
        var receiver = queue.Receive();
        queue.Settle(receiver.Last, Disposition.Complete);
        Assert.Equal(SettleOutcome.LockLost, queue.Settle(receiver.Last, Disposition.Complete));
        Assert.Equal(SettleOutcome.LockLost, queue.Queue.Settle(Guid.NewGuid(), Settlement.Complete, queue.Now));
    }

    [Fact]
    public void Abandon_gives_it_back_at_its_place_with_a_new_lock_and_a_higher_count()
    {
        var queue = new QueueFixture();
        queue.Send("a");
        queue.Send("b");
        var receiver = queue.Receive();
        var first = receiver.Last;
        queue.Settle(first, Disposition.Abandon);
        receiver.Allow(2, queue.Now);
        Assert.Equal(["a", "a", "b"], receiver.Bodies);
        Assert.Equal(1, receiver.Received[1].DeliveryCount);
        Assert.NotEqual(first.LockToken, receiver.Received[1].LockToken);
        Assert.Equal(first.SequenceNumber, receiver.Received[1].SequenceNumber);
        Assert.Equal(SettleOutcome.LockLost, queue.Settle(first, Disposition.Complete));
    }

    [Fact]
    public void Returned_messages_keep_their_order_whatever_the_order_of_return()
    {
        var queue = new QueueFixture();
        foreach (var body in (string[])["a", "b", "c", "d"])
        {
            queue.Send(body);
        }

        var receiver = queue.Receive(credit: 3);
        foreach (var index in (int[])[1, 2, 0])
        {
            queue.Settle(receiver.Received[index], Disposition.Abandon);
        }

        Assert.Equal(["a", "b", "c", "d"], queue.Receive(credit: 4).Bodies);
    }

    [Fact]
    public void Release_gives_it_back_uncounted()
    {
        var queue = new QueueFixture();
        queue.Send("a");
        var receiver = queue.Receive();
        queue.Settle(receiver.Last, Disposition.Release);
        receiver.Allow(1, queue.Now);
        Assert.Equal(0, receiver.Last.DeliveryCount);
    }

    [Fact]
    public void An_abandoned_message_takes_the_properties_along()
    {
        var queue = new QueueFixture();
        queue.Send("a");
        var receiver = queue.Receive();
        queue.Queue.Settle(
            receiver.Last.LockToken, new Settlement(Disposition.Abandon) { Properties = [new("attempt", 1)] }, queue.Now);
        receiver.Allow(1, queue.Now);
        Assert.Equal(1, receiver.Last.Property("attempt"));
    }

    [Fact]
    public void A_lock_lapses_after_its_duration_and_the_message_comes_again()
    {
        var queue = new QueueFixture(options => options with { LockDuration = TimeSpan.FromSeconds(30) });
        queue.Send("a");
        var receiver = queue.Receive(credit: 2);
        Assert.Equal(queue.Now + TimeSpan.FromSeconds(30), receiver.Last.LockedUntil);
        queue.Advance(TimeSpan.FromSeconds(29));
        Assert.Single(receiver.Received);
        queue.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, receiver.Received.Count);
        Assert.Equal(1, receiver.Last.DeliveryCount);
        Assert.Equal(SettleOutcome.LockLost, queue.Settle(receiver.Received[0], Disposition.Complete));
        Assert.Equal(SettleOutcome.Done, queue.Settle(receiver.Received[1], Disposition.Complete));
    }

    [Fact]
    public void A_renewed_lock_begins_anew()
    {
        var queue = new QueueFixture();
        queue.Send("a");
        var receiver = queue.Receive(credit: 2);
        queue.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(SettleOutcome.Done, queue.Queue.RenewLock(receiver.Last.LockToken, queue.Now, out var lockedUntil));
        Assert.Equal(queue.Now + TimeSpan.FromMinutes(1), lockedUntil);
        queue.Advance(TimeSpan.FromSeconds(59));
        Assert.Single(receiver.Received);
        queue.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(SettleOutcome.LockLost, queue.Queue.RenewLock(receiver.Received[0].LockToken, queue.Now, out _));
    }

    [Fact]
    public void The_last_unsuccessful_delivery_leads_to_the_dead_letters()
    {
        var queue = new QueueFixture(options => options with { MaxDeliveryCount = 3 });
        queue.Send("a");
        var receiver = queue.Receive(credit: 5);
        queue.Settle(receiver.Last, Disposition.Abandon);
        queue.Settle(receiver.Last, Disposition.Abandon);
        queue.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(3, receiver.Received.Count);
        Assert.Equal((0, 1), (queue.Counts.Active, queue.Counts.DeadLetter));
        var dead = queue.Receive(from: queue.Entity.DeadLetter).Last;
        Assert.Equal("MaxDeliveryCountExceeded", dead.Property("DeadLetterReason"));
        Assert.Equal("Message could not be consumed after 3 delivery attempts.", dead.Property("DeadLetterErrorDescription"));
        Assert.Equal("jobs", dead.DeadLetterSource);
    }

    [Fact]
    public void Dead_lettering_keeps_number_and_content_and_adds_the_reason()
    {
        var queue = new QueueFixture();
        queue.Send("x");
        queue.Send("a");
        var receiver = queue.Receive(credit: 2);
        var settlement =
            new Settlement(Disposition.DeadLetter) { Reason = "Unparsable", Description = "no such task", Properties = [new("k", "v")] };
        Assert.Equal(SettleOutcome.Done, queue.Queue.Settle(receiver.Last.LockToken, settlement, queue.Now));
        var dead = queue.Receive(from: queue.Entity.DeadLetter).Last;
        Assert.Equal("a", dead.Body());
        Assert.Equal(2, dead.SequenceNumber);
        Assert.Equal(
            ("Unparsable", "no such task", "v"),
            (dead.Property("DeadLetterReason"), dead.Property("DeadLetterErrorDescription"), dead.Property("k")));
    }

    [Fact]
    public void Dead_letters_are_delivered_without_limit_and_not_dead_lettered_again()
    {
        var queue = new QueueFixture(options => options with { MaxDeliveryCount = 1 });
        queue.Send("a");
        queue.Settle(queue.Receive().Last, Disposition.Abandon);
        var dead = queue.Receive(credit: 5, from: queue.Entity.DeadLetter);
        for (var delivery = 0; delivery < 4; delivery++)
        {
            Assert.Equal(SettleOutcome.Done, queue.Settle(dead.Last, Disposition.Abandon, queue.Entity.DeadLetter));
        }

        Assert.Equal(5, dead.Received.Count);
        Assert.Equal(SettleOutcome.NotAllowed, queue.Settle(dead.Last, Disposition.DeadLetter, queue.Entity.DeadLetter));
        Assert.Equal(SettleOutcome.Done, queue.Settle(dead.Last, Disposition.Complete, queue.Entity.DeadLetter));
        Assert.Equal(0, queue.Counts.Total);
    }

    [Fact]
    public void Dead_letters_come_in_the_order_of_their_numbers()
    {
        var queue = new QueueFixture();
        foreach (var body in (string[])["a", "b", "c"])
        {
            queue.Send(body);
        }

        var receiver = queue.Receive(credit: 3);
        foreach (var index in (int[])[2, 0, 1])
        {
            queue.Settle(receiver.Received[index], Disposition.DeadLetter);
        }

        Assert.Equal(["a", "b", "c"], queue.Receive(credit: 3, from: queue.Entity.DeadLetter).Bodies);
    }
}
