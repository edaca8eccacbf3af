using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.Tests.ServiceBus.Entities;

public sealed class SessionTests
{
    [Fact]
    public void Closing_a_session_is_no_unsuccessful_delivery()
    {
        var queue = WithSessions(maxDeliveryCount: 2);
        queue.Send("a", sessionId: "s");

        for (var round = 0; round < 5; round++)
        {
            var session = queue.ReceiveSession("s");
            Assert.Equal(("a", 0), (session.Last.Body(), session.Last.DeliveryCount));
            queue.Queue.Detach(session, queue.Now);
        }

        Assert.Equal((1, 0), (queue.Counts.Active, queue.Counts.DeadLetter));
    }

    [Fact]
    public void A_lapsed_session_lock_is_an_unsuccessful_delivery_of_what_was_delivered()
    {
        var queue = WithSessions(maxDeliveryCount: 2);
        queue.Send("delivered", sessionId: "s");
        queue.Send("waiting", sessionId: "s");

        var first = queue.ReceiveSession("s", credit: 1);
        queue.Advance(queue.Entity.Options.LockDuration);
        Assert.Equal(DetachReason.SessionLockLost, first.Detached);
        var second = queue.ReceiveSession("s", credit: 1);
        Assert.Equal(1, second.Last.DeliveryCount);
        queue.Advance(queue.Entity.Options.LockDuration);

        Assert.Equal((1, 1), (queue.Counts.Active, queue.Counts.DeadLetter));
        Assert.Equal(("waiting", 0), (queue.ReceiveSession("s").Last.Body(), 0));
    }

    [Fact]
    public void Settling_twice_has_lost_the_message_for_who_holds_the_session_and_the_session_for_who_does_not()
    {
        var queue = WithSessions();
        queue.Send("a", sessionId: "s");
        var former = queue.ReceiveSession("s");
        var token = former.Last.LockToken;
        Assert.Equal(SettleOutcome.Done, queue.Queue.Settle(token, new Settlement(Disposition.Complete), queue.Now));
        var again = queue.Queue.Settle(token, new Settlement(Disposition.Complete), queue.Now);

        Assert.Equal(SettleOutcome.LockLost, queue.Queue.WhatWasLost(again, former, queue.Now));
        queue.Queue.Detach(former, queue.Now);
        var holder = queue.ReceiveSession("s");

        Assert.Equal(SettleOutcome.SessionLockLost, queue.Queue.WhatWasLost(again, former, queue.Now));
        Assert.Equal(SettleOutcome.LockLost, queue.Queue.WhatWasLost(again, holder, queue.Now));
    }

    [Fact]
    public void A_queue_that_is_disabled_takes_sessions_away_without_counting()
    {
        var queue = WithSessions(maxDeliveryCount: 1);
        queue.Send("a", sessionId: "s");
        var session = queue.ReceiveSession("s");

        queue.Entity.Update(queue.Entity.Options with { Status = KedaJobs.ServiceBus.EntityStatus.ReceiveDisabled }, queue.Now);

        Assert.Equal(DetachReason.QueueDisabled, session.Detached);
        Assert.Equal((1, 0), (queue.Counts.Active, queue.Counts.DeadLetter));
    }

    [Fact]
    public void State_counts_towards_the_size_of_the_queue()
    {
        var queue = WithSessions();
        queue.ReceiveSession("s");
        var before = queue.Counts.SizeInBytes;

        Assert.Equal(SettleOutcome.Done, queue.Queue.SetSessionState("s", new byte[1000], queue.Now));
        Assert.Equal(before + 1000, queue.Counts.SizeInBytes);
        Assert.Equal(SettleOutcome.Done, queue.Queue.SetSessionState("s", new byte[300], queue.Now));
        Assert.Equal(before + 300, queue.Counts.SizeInBytes);
        Assert.Equal(SettleOutcome.Done, queue.Queue.SetSessionState("s", null, queue.Now));
        Assert.Equal(before, queue.Counts.SizeInBytes);
    }

    [Fact]
    public void State_beyond_the_quota_is_refused_and_makes_messages_be_refused()
    {
        var queue = WithSessions();
        queue.ReceiveSession("full");
        var quota = queue.Entity.Options.MaxSizeInMegabytes * 1024 * 1024;
        Assert.Equal(SettleOutcome.Done, queue.Queue.SetSessionState("full", new byte[quota], queue.Now));

        queue.ReceiveSession("more");
        Assert.Equal(SettleOutcome.QueueFull, queue.Queue.SetSessionState("more", new byte[1], queue.Now));
        Assert.Equal(SendOutcome.QueueFull, queue.Send("a", sessionId: "s"));

        Assert.Equal(SettleOutcome.Done, queue.Queue.SetSessionState("full", new byte[10], queue.Now));
        Assert.Equal(SettleOutcome.Done, queue.Queue.SetSessionState("more", new byte[1], queue.Now));
        Assert.Equal(SendOutcome.Accepted, queue.Send("a", sessionId: "s"));
    }

    private static QueueFixture WithSessions(int maxDeliveryCount = 10) =>
        new(options => options with { RequiresSession = true, MaxDeliveryCount = maxDeliveryCount });
}
