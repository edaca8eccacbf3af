using System.Transactions;
using Azure.Messaging.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Contract;

/// <summary>
/// Transactions of the official client: sends and settlements as a whole or not at all (Microsoft Learn: "Overview of Service Bus
/// transaction processing"). A scope ends before its transaction does, so what follows from it is waited for.
/// </summary>
public sealed class TransactionContract : ServiceBusContract
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Messages_are_sent_when_the_transaction_is_committed_and_not_otherwise(bool commits)
    {
        var queue = await CreateQueueAsync();
        var sender = Sender(queue);
        using (var scope = NewScope())
        {
            await sender.SendMessageAsync(new ServiceBusMessage("a"));
            await sender.SendMessagesAsync([new ServiceBusMessage("b"), new ServiceBusMessage("c")]);
            Assert.Null(await Receiver(queue).PeekMessageAsync());
            Complete(scope, commits);
        }

        await EndedAsync(queue, commits ? 3 : 0);
        if (commits)
        {
            Assert.Equal(["a", "b", "c"], (await ReceiveAsync(Receiver(queue), 3)).Select(message => message.Body.ToString()));
        }
    }

    [Fact]
    public async Task A_settlement_and_a_send_are_committed_together()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "in");
        var (sender, receiver) = (Sender(queue), Receiver(queue));
        var message = await ReceiveAsync(receiver);
        using (var scope = NewScope())
        {
            await receiver.CompleteMessageAsync(message);
            await sender.SendMessageAsync(new ServiceBusMessage("out"));
            scope.Complete();
        }

        var next = await ReceiveAsync(receiver);
        Assert.Equal("out", next.Body.ToString());
        await AssertFailsAsync(ServiceBusFailureReason.MessageLockLost, () => receiver.CompleteMessageAsync(message));
        await EndedAsync(queue, 1);
    }

    [Fact]
    public async Task After_a_rollback_the_message_is_still_locked_and_can_be_settled()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "in");
        var (sender, receiver) = (Sender(queue), Receiver(queue));
        var message = await ReceiveAsync(receiver);
        using (NewScope())
        {
            await receiver.CompleteMessageAsync(message);
            await sender.SendMessageAsync(new ServiceBusMessage("out"));
        }

        await Eventually.SucceedsAsync("the lock is free again", () => receiver.CompleteMessageAsync(message));
        await EndedAsync(queue, 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_settlement_can_be_part_of_a_transaction(bool commits)
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "complete", "abandon", "defer", "dead-letter");
        var receiver = Receiver(queue);
        var messages = await ReceiveAsync(receiver, 4);
        using (var scope = NewScope())
        {
            await receiver.CompleteMessageAsync(messages[0]);
            await receiver.AbandonMessageAsync(messages[1], new Dictionary<string, object> { ["tried"] = true });
            await receiver.DeferMessageAsync(messages[2]);
            await receiver.DeadLetterMessageAsync(messages[3], "reason", "description");
            Complete(scope, commits);
        }

        if (!commits)
        {
            foreach (var message in messages)
            {
                await Eventually.SucceedsAsync("the lock is free again", () => receiver.CompleteMessageAsync(message));
            }

            await EndedAsync(queue, 0);
            return;
        }

        var abandoned = await ReceiveAsync(receiver);
        Assert.Equal(("abandon", 2, true), (abandoned.Body.ToString(), abandoned.DeliveryCount, abandoned.ApplicationProperties["tried"]));
        Assert.Equal("defer", (await receiver.ReceiveDeferredMessageAsync(messages[2].SequenceNumber)).Body.ToString());
        var dead = await ReceiveAsync(DeadLetterReceiver(queue));
        Assert.Equal(("dead-letter", "reason"), (dead.Body.ToString(), dead.DeadLetterReason));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_deferred_message_is_settled_in_a_transaction(bool commits)
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "a");
        var receiver = Receiver(queue);
        var message = await ReceiveAsync(receiver);
        await receiver.DeferMessageAsync(message);
        var deferred = await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber);
        using (var scope = NewScope())
        {
            await receiver.CompleteMessageAsync(deferred);
            Complete(scope, commits);
        }

        if (!commits)
        {
            await Eventually.SucceedsAsync("the lock is free again", () => receiver.CompleteMessageAsync(deferred));
        }

        await EndedAsync(queue, 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Messages_are_scheduled_and_cancelled_in_a_transaction(bool commits)
    {
        var queue = await CreateQueueAsync();
        var sender = Sender(queue);
        var due = Now.AddHours(1);
        var before = await sender.ScheduleMessageAsync(new ServiceBusMessage("before"), due);
        long within;
        using (var scope = NewScope())
        {
            within = await sender.ScheduleMessageAsync(new ServiceBusMessage("within"), due);
            await sender.CancelScheduledMessageAsync(before);
            Complete(scope, commits);
        }

        await Eventually.SucceedsAsync("the transaction has ended", async () =>
        {
            var peeked = Assert.Single(await Client.CreateReceiver(queue).PeekMessagesAsync(10));
            Assert.Equal(commits ? ("within", within) : ("before", before), (peeked.Body.ToString(), peeked.SequenceNumber));
            Assert.Equal(ServiceBusMessageState.Scheduled, peeked.State);
        });
        await sender.CancelScheduledMessageAsync(commits ? within : before);
    }

    [Fact]
    public async Task A_message_that_is_due_at_once_is_not_scheduled()
    {
        var queue = await CreateQueueAsync(options => options.RequiresSession = true);
        var sender = Sender(queue);
        using (var scope = NewScope())
        {
            await sender.SendMessageAsync(new ServiceBusMessage("one") { SessionId = "1" });
            await sender.ScheduleMessageAsync(new ServiceBusMessage("two") { SessionId = "2" }, Now);
            scope.Complete();
        }

        var bodies = new List<string>();
        for (var session = 0; session < 2; session++)
        {
            var receiver = Owned(await Client.AcceptNextSessionAsync(queue));
            var message = await ReceiveAsync(receiver);
            bodies.Add($"{message.SessionId} {message.Body}");
            await receiver.CompleteMessageAsync(message);
        }

        Assert.Equal(["1 one", "2 two"], bodies.Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sessions_take_part(bool commits)
    {
        var queue = await CreateQueueAsync(options => options.RequiresSession = true);
        var sender = Sender(queue);
        await sender.SendMessageAsync(new ServiceBusMessage("in") { SessionId = "s" });
        var receiver = Owned(await Client.AcceptSessionAsync(queue, "s"));
        var message = await ReceiveAsync(receiver);
        using (var scope = NewScope())
        {
            await receiver.CompleteMessageAsync(message);
            await sender.SendMessageAsync(new ServiceBusMessage("out") { SessionId = "s" });
            Complete(scope, commits);
        }

        if (commits)
        {
            Assert.Equal("out", (await ReceiveAsync(receiver)).Body.ToString());
        }
        else
        {
            await Eventually.SucceedsAsync("the lock is free again", () => receiver.CompleteMessageAsync(message));
        }

        await EndedAsync(queue, commits ? 1 : 0);
    }

    [Fact]
    public async Task A_topic_and_its_subscription_are_one_entity()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");
        var (sender, receiver) = (Sender(topic), Receiver(topic, "s"));
        await sender.SendMessageAsync(new ServiceBusMessage("in"));
        var message = await ReceiveAsync(receiver);
        using (var scope = NewScope())
        {
            await sender.SendMessageAsync(new ServiceBusMessage("out"));
            await receiver.CompleteMessageAsync(message);
            scope.Complete();
        }

        Assert.Equal("out", (await ReceiveAsync(receiver)).Body.ToString());
        Assert.Equal(1, (await CountsAsync(topic, "s")).ActiveMessageCount);
    }

    [Fact]
    public async Task Duplicates_are_told_when_the_transaction_is_committed()
    {
        var queue = await CreateQueueAsync(options => options.RequiresDuplicateDetection = true);
        var sender = Sender(queue);
        using (NewScope())
        {
            await sender.SendMessageAsync(new ServiceBusMessage("never") { MessageId = "1" });
        }

        using (var scope = NewScope())
        {
            await sender.SendMessageAsync(new ServiceBusMessage("first") { MessageId = "1" });
            await sender.SendMessageAsync(new ServiceBusMessage("again") { MessageId = "1" });
            scope.Complete();
        }

        await EndedAsync(queue, 1);
        await sender.SendMessageAsync(new ServiceBusMessage("later") { MessageId = "1" });
        await EndedAsync(queue, 1);
        Assert.Equal("first", (await ReceiveAsync(Receiver(queue))).Body.ToString());
    }

    [Fact]
    public async Task Two_entities_are_refused_where_the_client_did_not_ask_for_them()
    {
        var (one, two) = (await CreateQueueAsync(), await CreateQueueAsync());
        var (first, second) = (Sender(one), Sender(two));
        using (NewScope())
        {
            await first.SendMessageAsync(new ServiceBusMessage("a"));
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => second.SendMessageAsync(new ServiceBusMessage("b")));
            Assert.Contains("multiple top-level entities", refused.Message, StringComparison.Ordinal);
        }

        await EndedAsync(one, 0);
        await EndedAsync(two, 0);
    }

    [Fact]
    public async Task A_transaction_belongs_to_its_connection()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "in");
        var receiver = Owned(NewClient().CreateReceiver(queue));
        var message = await ReceiveAsync(receiver);
        var sender = Sender(queue);
        using (NewScope())
        {
            await receiver.CompleteMessageAsync(message);
            await Assert.ThrowsAsync<ServiceBusException>(() => sender.SendMessageAsync(new ServiceBusMessage("out")));
        }
    }

    [Fact]
    public async Task A_client_that_goes_rolls_back()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "in");
        var client = NewClient();
        var receiver = client.CreateReceiver(queue);
        var message = await ReceiveAsync(receiver);
        var transaction = new CommittableTransaction();
        using (var scope = new TransactionScope(transaction, TransactionScopeAsyncFlowOption.Enabled))
        {
            await receiver.CompleteMessageAsync(message);
            await client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("out"));
            scope.Complete();
        }

        await client.DisposeAsync();

        // Its lock is as good as before, from whatever connection.
        await Eventually.SucceedsAsync("the lock is free again", () => Receiver(queue).CompleteMessageAsync(message));
        await EndedAsync(queue, 0);
        Assert.ThrowsAny<Exception>(transaction.Commit);
    }

    [Fact]
    public async Task A_transaction_that_is_open_for_too_long_is_rolled_back()
    {
        var queue = await CreateQueueAsync(options => options.LockDuration = TimeSpan.FromMinutes(5));
        await SendAsync(queue, "in");
        var (sender, receiver) = (Sender(queue), Receiver(queue));
        var message = await ReceiveAsync(receiver);
        var transaction = new CommittableTransaction(TimeSpan.FromMinutes(10));
        using (var scope = new TransactionScope(transaction, TransactionScopeAsyncFlowOption.Enabled))
        {
            await receiver.CompleteMessageAsync(message);
            await PassAsync(TimeSpan.FromMinutes(2) + TimeSpan.FromSeconds(1));
            await Assert.ThrowsAnyAsync<Exception>(() => sender.SendMessageAsync(new ServiceBusMessage("too late")));
            scope.Complete();
        }

        Assert.ThrowsAny<Exception>(transaction.Commit);
        await receiver.CompleteMessageAsync(message);
        await EndedAsync(queue, 0);
    }

    [EmbeddedFact]
    public async Task A_transaction_whose_lock_lapses_is_rolled_back_as_a_whole()
    {
        var queue = await CreateQueueAsync(options => options.LockDuration = TimeSpan.FromSeconds(30));
        await SendAsync(queue, "in");
        var (sender, receiver) = (Sender(queue), Receiver(queue));
        var message = await ReceiveAsync(receiver);
        var transaction = new CommittableTransaction(TimeSpan.FromMinutes(10));
        using (var scope = new TransactionScope(transaction, TransactionScopeAsyncFlowOption.Enabled))
        {
            await sender.SendMessageAsync(new ServiceBusMessage("out"));
            await receiver.CompleteMessageAsync(message);
            await PassAsync(TimeSpan.FromSeconds(31));
            scope.Complete();
        }

        Assert.ThrowsAny<Exception>(transaction.Commit);
        Assert.Equal("in", (await ReceiveAsync(Receiver(queue))).Body.ToString());
        await EndedAsync(queue, 1);
    }

    [Fact]
    public async Task No_more_than_a_hundred_messages_are_sent_in_a_transaction()
    {
        var queue = await CreateQueueAsync();
        var sender = Sender(queue);
        using (NewScope())
        {
            await sender.SendMessagesAsync(Enumerable.Range(0, 100).Select(index => new ServiceBusMessage($"{index}")));
            await Assert.ThrowsAnyAsync<Exception>(() => sender.SendMessageAsync(new ServiceBusMessage("100")));
        }
    }

    [Fact]
    public async Task What_is_settled_in_a_transaction_cannot_be_settled_beside_it()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "in");
        var receiver = Receiver(queue);
        var message = await ReceiveAsync(receiver);
        using (var scope = NewScope())
        {
            await receiver.CompleteMessageAsync(message);
            using (new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled))
            {
                var other = Owned(NewClient().CreateReceiver(queue));
                await AssertFailsAsync(ServiceBusFailureReason.MessageLockLost, () => other.AbandonMessageAsync(message));
            }

            scope.Complete();
        }

        await EndedAsync(queue, 0);
    }

    private static TransactionScope NewScope() => new(TransactionScopeAsyncFlowOption.Enabled);

    private static void Complete(TransactionScope scope, bool commits)
    {
        if (commits)
        {
            scope.Complete();
        }
    }

    /// <summary>Waits until a queue has so many active messages.</summary>
    private async Task EndedAsync(string queue, long active) => await Eventually.SucceedsAsync(
        $"{active} messages are active", async () => Assert.Equal(active, (await CountsAsync(queue)).ActiveMessageCount));
}
