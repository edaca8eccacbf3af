using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.Tests.ServiceBus.Entities;

public sealed class ExpiryTests
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(10);

    [Fact]
    public void A_scheduled_message_lives_from_its_activation_on()
    {
        var queue = new QueueFixture();
        queue.Send("a", timeToLive: TimeToLive, due: queue.Now.AddMinutes(1));

        queue.Advance(TimeSpan.FromMinutes(1));
        queue.Advance(TimeToLive - TimeSpan.FromSeconds(1));
        Assert.Equal(1, queue.Counts.Active);
        queue.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, queue.Counts.Total);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_deferred_message_expires_only_when_it_is_asked_for(bool deadLetter)
    {
        var queue = new QueueFixture(options => options with { DeadLetteringOnMessageExpiration = deadLetter });
        queue.Send("a", timeToLive: TimeToLive);
        queue.Send("b");
        var (expiring, other) = (Defer(queue), Defer(queue));

        queue.Advance(TimeSpan.FromDays(1));
        Assert.Equal((2, 0), (queue.Counts.Active, queue.Counts.DeadLetter));
        Assert.Equal(["a", "b"], queue.Peek());

        Assert.Equal(NumberOutcome.NotFound, queue.Queue.ReceiveDeferred([other, expiring], ReceiveMode.PeekLock, null, queue.Now, out _));
        Assert.Equal((1, deadLetter ? 1 : 0), (queue.Counts.Active, queue.Counts.DeadLetter));
        if (deadLetter)
        {
            Assert.Equal("TTLExpiredException", queue.Receive(from: queue.Entity.DeadLetter).Last.Property("DeadLetterReason"));
        }

        // The one that lives was not touched.
        Assert.Equal(NumberOutcome.Done, queue.Queue.ReceiveDeferred([other], ReceiveMode.PeekLock, null, queue.Now, out var received));
        Assert.Equal("b", Assert.Single(received).Body());
    }

    [Fact]
    public void A_deferred_message_whose_lock_lapses_does_not_expire_either()
    {
        var queue = new QueueFixture();
        queue.Send("a", timeToLive: TimeToLive);
        var number = Defer(queue);
        Assert.Equal(NumberOutcome.Done, queue.Queue.ReceiveDeferred([number], ReceiveMode.PeekLock, null, queue.Now, out var received));

        queue.Advance(queue.Entity.Options.LockDuration);
        queue.Advance(TimeToLive);

        Assert.Equal(1, queue.Counts.Active);
        Assert.Equal(SettleOutcome.LockLost, queue.Settle(received[0], Disposition.Complete));
    }

    [Fact]
    public void A_message_that_expires_under_its_holder_goes_when_it_comes_back()
    {
        var queue = new QueueFixture();
        queue.Send("a", timeToLive: TimeToLive);
        var held = queue.Receive(credit: 2);

        queue.Advance(TimeToLive);
        Assert.Equal(1, queue.Counts.Active);
        Assert.Equal(SettleOutcome.Done, queue.Settle(held.Last, Disposition.Abandon));

        Assert.Single(held.Received);
        Assert.Equal(0, queue.Counts.Total);
    }

    private static long Defer(QueueFixture queue)
    {
        var message = queue.Receive().Last;
        Assert.Equal(SettleOutcome.Done, queue.Settle(message, Disposition.Defer));
        return message.SequenceNumber;
    }

    [Fact]
    public void Dead_letters_do_not_expire_but_their_locks_lapse()
    {
        var queue = new QueueFixture(options => options with { DefaultMessageTimeToLive = TimeToLive });
        queue.Send("a");
        queue.Settle(queue.Receive().Last, Disposition.DeadLetter);
        queue.Advance(TimeSpan.FromDays(1));
        var dead = queue.Receive(credit: 2, from: queue.Entity.DeadLetter);

        queue.Advance(queue.Entity.Options.LockDuration);

        Assert.Equal(2, dead.Received.Count);
        Assert.Equal(dead.Received[0].DeliveryCount + 1, dead.Received[1].DeliveryCount);
        Assert.Equal(SettleOutcome.LockLost, queue.Settle(dead.Received[0], Disposition.Complete, queue.Entity.DeadLetter));
        Assert.Equal(SettleOutcome.Done, queue.Settle(dead.Received[1], Disposition.Complete, queue.Entity.DeadLetter));
    }
}
