using System.Transactions;
using Azure.Messaging.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Contract;

public sealed class SessionContract : ServiceBusContract
{
    /// <summary>
    /// The .NET client remembers until then that a message came through the management node, and settles it there: with an earlier time, no
    /// message that was received by its number could be settled after the first lock duration, however often the session was renewed.
    /// </summary>
    [Fact]
    public async Task A_message_of_a_session_is_locked_as_long_as_the_session()
    {
        var queue = await CreateQueueAsync(options => options.RequiresSession = true);
        await Sender(queue).SendMessageAsync(new ServiceBusMessage("one") { SessionId = "s" });
        var receiver = Owned(await Client.AcceptSessionAsync(queue, "s"));

        var message = await ReceiveAsync(receiver);
        await receiver.DeferMessageAsync(message);
        var deferred = await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber);

        Assert.Equal((9999, 9999), (message.LockedUntil.Year, deferred.LockedUntil.Year));
        Assert.True(receiver.SessionLockedUntil < Now.AddMinutes(6), $"The session is locked until {receiver.SessionLockedUntil:O}.");
    }

    /// <summary>A deferred message is settled through the management node, which does not know the receiver's link.</summary>
    [Fact]
    public async Task Settling_twice_is_a_lost_lock_of_the_message_while_the_session_is_held()
    {
        var queue = await CreateQueueAsync(options => options.RequiresSession = true);
        await Sender(queue).SendMessageAsync(new ServiceBusMessage("deferred") { SessionId = "s" });
        var receiver = Owned(await Client.AcceptSessionAsync(queue, "s"));
        var message = await ReceiveAsync(receiver);
        await receiver.DeferMessageAsync(message);
        var deferred = await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber);
        await receiver.CompleteMessageAsync(deferred);

        await AssertFailsAsync(ServiceBusFailureReason.MessageLockLost, () => receiver.CompleteMessageAsync(deferred));
        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await AssertFailsAsync(ServiceBusFailureReason.MessageLockLost, () => receiver.CompleteMessageAsync(deferred));
        }

        await receiver.RenewSessionLockAsync();
    }

    [Fact]
    public async Task A_session_has_its_own_messages_in_order()
    {
        var queue = await CreateSessionQueueAsync();
        await SendAsync(queue, ("a", "a1"), ("b", "b1"), ("a", "a2"), ("a", "a3"));
        var session = Owned(await Client.AcceptSessionAsync(queue, "a"));

        var messages = await ReceiveAsync(session, 3);

        Assert.Equal("a", session.SessionId);
        Assert.Equal(["a1", "a2", "a3"], messages.Select(message => message.Body.ToString()));
        Assert.All(messages, message => Assert.Equal("a", message.SessionId));
        await AssertNothingArrivesAsync(session);
        foreach (var message in messages)
        {
            await session.CompleteMessageAsync(message);
        }

        Assert.Equal(1, (await CountsAsync(queue)).ActiveMessageCount);
    }

    [Fact]
    public async Task The_next_free_session_is_given_to_each_who_asks()
    {
        var queue = await CreateSessionQueueAsync();
        await SendAsync(queue, ("a", "a1"), ("b", "b1"));

        var first = Owned(await Client.AcceptNextSessionAsync(queue));
        var second = Owned(await Client.AcceptNextSessionAsync(queue));

        Assert.Equal(["a", "b"], new[] { first.SessionId, second.SessionId }.Order());
        Assert.Equal(first.SessionId + "1", (await ReceiveAsync(first)).Body.ToString());
        Assert.Equal(second.SessionId + "1", (await ReceiveAsync(second)).Body.ToString());
    }

    [Fact]
    public async Task A_session_that_appears_is_given_to_who_waits_for_one()
    {
        var queue = await CreateSessionQueueAsync();
        var waiting = Client.AcceptNextSessionAsync(queue);

        await SendAsync(queue, ("late", "x"));

        Assert.Equal("late", Owned(await waiting).SessionId);
    }

    [Fact]
    public async Task A_held_session_is_refused_to_others_until_it_is_released()
    {
        var queue = await CreateSessionQueueAsync();
        await SendAsync(queue, ("a", "a1"));
        var holder = await Client.AcceptSessionAsync(queue, "a");

        await AssertFailsAsync(ServiceBusFailureReason.SessionCannotBeLocked, () => Client.AcceptSessionAsync(queue, "a"));
        await holder.DisposeAsync();

        Assert.Equal("a1", (await ReceiveAsync(Owned(await Client.AcceptSessionAsync(queue, "a")))).Body.ToString());
    }

    [Fact]
    public async Task State_belongs_to_the_session_and_outlives_its_holders()
    {
        var queue = await CreateSessionQueueAsync();
        await using (var first = await Client.AcceptSessionAsync(queue, "empty"))
        {
            Assert.Null(await first.GetSessionStateAsync());
            await first.SetSessionStateAsync(BinaryData.FromString("progress: 3"));
        }

        await using (var second = await Client.AcceptSessionAsync(queue, "empty"))
        {
            Assert.Equal("progress: 3", (await second.GetSessionStateAsync()).ToString());
            await second.SetSessionStateAsync(null);
            Assert.Null(await second.GetSessionStateAsync());
        }
    }

    [Fact]
    public async Task A_session_lock_can_be_renewed()
    {
        var queue = await CreateSessionQueueAsync();
        await SendAsync(queue, ("a", "a1"));
        var session = Owned(await Client.AcceptSessionAsync(queue, "a"));
        var message = await ReceiveAsync(session);
        var until = session.SessionLockedUntil;

        await PassAsync(TimeSpan.FromSeconds(6));
        await session.RenewSessionLockAsync();
        await PassAsync(TimeSpan.FromSeconds(6));

        Assert.True(session.SessionLockedUntil > until, $"{session.SessionLockedUntil:O} is not after {until:O}");
        await session.CompleteMessageAsync(message);
    }

    [Fact]
    public async Task A_lapsed_session_lock_takes_the_session_away_and_gives_its_messages_back()
    {
        var queue = await CreateSessionQueueAsync();
        await SendAsync(queue, ("a", "a1"));
        var session = Owned(await Client.AcceptSessionAsync(queue, "a"));
        var message = await ReceiveAsync(session);

        await PassAsync(TimeSpan.FromSeconds(11));
        var next = Owned(await Client.AcceptSessionAsync(queue, "a"));

        var again = await ReceiveAsync(next);
        Assert.Equal(("a1", 2), (again.Body.ToString(), again.DeliveryCount));

        // The client closes a receiver that has lost its session, and refuses to use it before it asks the service.
        await Eventually.SucceedsAsync("the receiver that lost its session is closed", () => Assert.True(session.IsClosed));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => session.CompleteMessageAsync(message));
    }

    [Fact]
    public async Task Closing_a_session_is_no_failed_delivery()
    {
        var queue = await CreateQueueAsync(options =>
        {
            options.RequiresSession = true;
            options.MaxDeliveryCount = 3;
        });
        await SendAsync(queue, ("a", "a1"));

        for (var round = 0; round < 5; round++)
        {
            await using var session = await Client.AcceptSessionAsync(queue, "a");
            var message = await ReceiveAsync(session);
            Assert.Equal(("a1", 1), (message.Body.ToString(), message.DeliveryCount));
        }

        var counts = await CountsAsync(queue);
        Assert.Equal((1, 0), (counts.ActiveMessageCount, counts.DeadLetterMessageCount));
    }

    [Fact]
    public async Task Session_state_counts_towards_the_size_of_the_queue()
    {
        var queue = await CreateSessionQueueAsync();
        await using var session = await Client.AcceptSessionAsync(queue, "a");
        var before = (await CountsAsync(queue)).SizeInBytes;

        await session.SetSessionStateAsync(BinaryData.FromBytes(new byte[100_000]));
        Assert.True((await CountsAsync(queue)).SizeInBytes >= before + 100_000);

        await session.SetSessionStateAsync(null);
        Assert.Equal(before, (await CountsAsync(queue)).SizeInBytes);
    }

    [Fact]
    public async Task A_message_without_a_session_is_refused()
    {
        var queue = await CreateSessionQueueAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => Sender(queue).SendMessageAsync(new ServiceBusMessage("lost")));

        Assert.Equal(0, (await CountsAsync(queue)).TotalMessageCount);
    }

    [Fact]
    public async Task A_receiver_without_a_session_is_refused()
    {
        var queue = await CreateSessionQueueAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => Receiver(queue).ReceiveMessageAsync(Soon));
    }

    [Fact]
    public async Task A_deferred_message_stays_with_its_session()
    {
        var queue = await CreateSessionQueueAsync();
        await SendAsync(queue, ("a", "a1"));
        var session = Owned(await Client.AcceptSessionAsync(queue, "a"));
        var message = await ReceiveAsync(session);

        await session.DeferMessageAsync(message);
        var called = await session.ReceiveDeferredMessageAsync(message.SequenceNumber);
        await session.CompleteMessageAsync(called);

        Assert.Equal("a1", called.Body.ToString());
        Assert.Equal(0, (await CountsAsync(queue)).TotalMessageCount);
    }

    private Task<string> CreateSessionQueueAsync() => CreateQueueAsync(options =>
    {
        options.RequiresSession = true;
        options.LockDuration = TimeSpan.FromSeconds(10);
    });

    private async Task SendAsync(string queue, params (string Session, string Body)[] messages)
    {
        var sender = Sender(queue);
        foreach (var (session, body) in messages)
        {
            await sender.SendMessageAsync(new ServiceBusMessage(body) { SessionId = session });
        }
    }

    [EmbeddedFact]
    public async Task A_session_that_is_not_exclusive_is_taken_over_by_its_token()
    {
        var queue = await CreateQueueAsync(options => options.RequiresSession = true);
        await Sender(queue)
            .SendMessagesAsync([new ServiceBusMessage("1") { SessionId = "s" }, new ServiceBusMessage("2") { SessionId = "s" }]);
        var first = Owned(
            await Client.AcceptNextSessionAsync(queue, new ServiceBusSessionReceiverOptions { EnableNonExclusiveSession = true }));
        Assert.False(first.IsSessionExclusive);
        var token = Guid.Parse(first.SessionLockToken);
        var message = await ReceiveAsync(first);

        var others = NewClient();
        await AssertFailsAsync(ServiceBusFailureReason.SessionCannotBeLocked, () => others.AcceptSessionAsync(queue, "s"));
        await AssertFailsAsync(ServiceBusFailureReason.SessionCannotBeLocked, () => others.AcceptSessionAsync(
            queue, "s", new ServiceBusSessionReceiverOptions { EnableNonExclusiveSession = true, SessionLockToken = Guid.NewGuid() }));

        var second = Owned(await others.AcceptSessionAsync(
            queue, "s", new ServiceBusSessionReceiverOptions { EnableNonExclusiveSession = true, SessionLockToken = token }));
        Assert.Equal(("s", $"{token}"), (second.SessionId, second.SessionLockToken));

        // The message that the first one has in hand can still be settled, by whoever has its lock token; the session gives the next one.
        await second.CompleteMessageAsync(message);
        Assert.Equal("2", (await ReceiveAsync(second)).Body.ToString());
        await Eventually.SucceedsAsync("the first one has lost the session", () => Assert.True(first.IsClosed));
        await second.CloseAsync();

        // A session that was given up is free, and its token is worth nothing any more.
        var third = Owned(await others.AcceptSessionAsync(queue, "s"));
        Assert.True(third.IsSessionExclusive);
        await AssertFailsAsync(ServiceBusFailureReason.SessionCannotBeLocked, () => Client.AcceptSessionAsync(
            queue, "s", new ServiceBusSessionReceiverOptions { EnableNonExclusiveSession = true, SessionLockToken = token }));
    }
}
