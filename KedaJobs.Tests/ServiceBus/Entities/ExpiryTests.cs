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

    [Fact]
    public void A_deferred_message_expires_too()
    {
        var queue = new QueueFixture(options => options with { DeadLetteringOnMessageExpiration = true });
        queue.Send("a", timeToLive: TimeToLive);
        queue.Settle(queue.Receive().Last, Disposition.Defer);

        queue.Advance(TimeToLive);

        Assert.Equal((0, 1), (queue.Counts.Active, queue.Counts.DeadLetter));
        Assert.Equal("TTLExpiredException", queue.Receive(from: queue.Entity.DeadLetter).Last.Property("DeadLetterReason"));
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
