using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Contract;

public sealed class ReceivingContract : ServiceBusContract
{
    [Fact]
    public async Task A_completed_message_is_gone()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "once");
        var receiver = Receiver(queue);

        await receiver.CompleteMessageAsync(await ReceiveAsync(receiver));

        await AssertNothingArrivesAsync(receiver);
        Assert.Equal(0, (await CountsAsync(queue)).TotalMessageCount);
    }

    [Fact]
    public async Task Receive_and_delete_removes_on_delivery()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "a", "b");
        var receiver = Receiver(queue, new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });

        var messages = await ReceiveAsync(receiver, 2);

        Assert.Equal(["a", "b"], messages.Select(message => message.Body.ToString()));
        await Eventually.SucceedsAsync("both are gone", async () => Assert.Equal(0, (await CountsAsync(queue)).TotalMessageCount));
    }

    [Fact]
    public async Task A_locked_message_is_given_to_nobody_else_but_counts_as_active()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "a", "b");

        var first = await ReceiveAsync(Receiver(queue));
        var second = Receiver(queue);

        Assert.Equal("a", first.Body.ToString());
        Assert.Equal("b", (await ReceiveAsync(second)).Body.ToString());
        await AssertNothingArrivesAsync(second);
        Assert.Equal(2, (await CountsAsync(queue)).ActiveMessageCount);
    }

    [Fact]
    public async Task A_call_takes_no_more_than_it_asked_for()
    {
        var queue = await CreateQueueAsync();
        await Sender(queue).SendMessagesAsync(Enumerable.Range(0, 10).Select(i => new ServiceBusMessage($"{i}")));
        var receiver = Receiver(queue);

        var messages = await receiver.ReceiveMessagesAsync(4, Soon);

        Assert.InRange(messages.Count, 1, 4);
        Assert.Equal(Enumerable.Range(0, messages.Count).Select(i => $"{i}"), messages.Select(message => message.Body.ToString()));
    }

    [Fact]
    public async Task A_waiting_call_gets_what_is_sent_meanwhile()
    {
        var queue = await CreateQueueAsync();
        var receiver = Receiver(queue);
        var waiting = receiver.ReceiveMessageAsync(Soon);

        await SendAsync(queue, "late");

        Assert.Equal("late", (await waiting).Body.ToString());
    }

    [Fact]
    public async Task A_cancelled_call_ends_at_once()
    {
        var queue = await CreateQueueAsync();
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(200), TimeProvider.System);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Receiver(queue).ReceiveMessageAsync(TimeSpan.FromMinutes(1), cancel.Token));
    }

    [Fact]
    public async Task Prefetched_messages_are_given_back_when_the_receiver_closes()
    {
        var queue = await CreateQueueAsync();
        await Sender(queue).SendMessagesAsync(Enumerable.Range(0, 5).Select(i => new ServiceBusMessage($"{i}")));
        var prefetching = Client.CreateReceiver(queue, new ServiceBusReceiverOptions { PrefetchCount = 20 });
        await prefetching.CompleteMessageAsync(await ReceiveAsync(prefetching));

        await prefetching.DisposeAsync();

        var messages = await ReceiveAsync(Receiver(queue), 4);
        Assert.Equal(["1", "2", "3", "4"], messages.Select(message => message.Body.ToString()));
    }

    [Fact]
    public async Task A_lock_belongs_to_the_queue_and_outlives_its_receiver()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "once");
        ServiceBusReceivedMessage message;
        await using (var client = NewClient())
        {
            message = await ReceiveAsync(client.CreateReceiver(queue));
        }

        var other = Receiver(queue);
        await AssertNothingArrivesAsync(other);
        await other.CompleteMessageAsync(message);

        Assert.Equal(0, (await CountsAsync(queue)).TotalMessageCount);
    }

    [Fact]
    public async Task An_expired_lock_gives_the_message_back_and_takes_the_old_token_away()
    {
        var queue = await CreateQueueAsync(options => options.LockDuration = TimeSpan.FromSeconds(5));
        await SendAsync(queue, "again");
        var receiver = Receiver(queue);
        var first = await ReceiveAsync(receiver);

        await PassAsync(TimeSpan.FromSeconds(6));
        var second = await ReceiveAsync(receiver);

        Assert.Equal((1, 2), (first.DeliveryCount, second.DeliveryCount));
        Assert.Equal(first.SequenceNumber, second.SequenceNumber);
        Assert.NotEqual(first.LockToken, second.LockToken);
        await AssertFailsAsync(ServiceBusFailureReason.MessageLockLost, () => receiver.CompleteMessageAsync(first));
        await AssertFailsAsync(ServiceBusFailureReason.MessageLockLost, () => receiver.RenewMessageLockAsync(first));
        await receiver.CompleteMessageAsync(second);
    }

    [Fact]
    public async Task A_renewed_lock_holds_longer()
    {
        var queue = await CreateQueueAsync(options => options.LockDuration = TimeSpan.FromSeconds(10));
        await SendAsync(queue, "long");
        var receiver = Receiver(queue);
        var message = await ReceiveAsync(receiver);
        var until = message.LockedUntil;

        await PassAsync(TimeSpan.FromSeconds(6));
        await receiver.RenewMessageLockAsync(message);
        await PassAsync(TimeSpan.FromSeconds(6));

        Assert.True(message.LockedUntil > until, $"{message.LockedUntil:O} is not after {until:O}");
        await receiver.CompleteMessageAsync(message);
        Assert.Equal(0, (await CountsAsync(queue)).TotalMessageCount);
    }

    [Fact]
    public async Task Peeking_shows_every_state_and_locks_nothing()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "active", "locked", "deferred");
        var receiver = Receiver(queue);
        var messages = await ReceiveAsync(receiver, 3);
        await receiver.AbandonMessageAsync(messages[0]);
        await receiver.DeferMessageAsync(messages[2]);
        await Sender(queue).ScheduleMessageAsync(new ServiceBusMessage("scheduled"), TimeProvider.System.GetUtcNow().AddHours(1));

        var peeked = await Receiver(queue).PeekMessagesAsync(10);

        Assert.Equal(["active", "locked", "deferred", "scheduled"], peeked.Select(message => message.Body.ToString()));
        Assert.Equal(
            [
                ServiceBusMessageState.Active, ServiceBusMessageState.Active, ServiceBusMessageState.Deferred,
                ServiceBusMessageState.Scheduled,
            ],
            peeked.Select(message => message.State));
        Assert.Equal("active", (await ReceiveAsync(Receiver(queue))).Body.ToString());
    }

    [Fact]
    public async Task Peeking_goes_on_from_where_it_was_or_from_a_given_number()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "a", "b", "c");
        var receiver = Receiver(queue);

        var first = await receiver.PeekMessageAsync();
        var rest = await receiver.PeekMessagesAsync(10);
        var again = await receiver.PeekMessagesAsync(10, first.SequenceNumber);

        Assert.Equal("a", first.Body.ToString());
        Assert.Equal(["b", "c"], rest.Select(message => message.Body.ToString()));
        Assert.Equal(["a", "b", "c"], again.Select(message => message.Body.ToString()));
        Assert.Null(await receiver.PeekMessageAsync());
    }

    [Fact]
    public async Task An_expired_message_is_dropped()
    {
        var queue = await CreateQueueAsync();
        await Sender(queue).SendMessageAsync(new ServiceBusMessage("short") { TimeToLive = TimeSpan.FromSeconds(5) });
        await SendAsync(queue, "long");

        await PassAsync(TimeSpan.FromSeconds(6));

        Assert.Equal("long", (await ReceiveAsync(Receiver(queue))).Body.ToString());
        Assert.Equal(0, (await CountsAsync(queue)).DeadLetterMessageCount);
    }

    [Fact]
    public async Task An_expired_message_is_dead_lettered_when_the_queue_says_so()
    {
        var queue = await CreateQueueAsync(options =>
        {
            options.DeadLetteringOnMessageExpiration = true;
            options.DefaultMessageTimeToLive = TimeSpan.FromSeconds(5);
        });
        await SendAsync(queue, "short");

        await PassAsync(TimeSpan.FromSeconds(6));
        await AssertNothingArrivesAsync(Receiver(queue));

        var dead = await ReceiveAsync(DeadLetterReceiver(queue));
        Assert.Equal(("short", "TTLExpiredException", queue), (dead.Body.ToString(), dead.DeadLetterReason, dead.DeadLetterSource));
    }

    [Fact]
    public async Task A_locked_message_does_not_expire_under_its_holder()
    {
        var queue = await CreateQueueAsync();
        await Sender(queue).SendMessageAsync(new ServiceBusMessage("held") { TimeToLive = TimeSpan.FromSeconds(5) });
        var receiver = Receiver(queue);
        var message = await ReceiveAsync(receiver);

        await PassAsync(TimeSpan.FromSeconds(10));

        await receiver.CompleteMessageAsync(message);
    }

    [Fact]
    public async Task Many_consumers_handle_each_message_once()
    {
        var queue = await CreateQueueAsync();
        var sender = Sender(queue);
        const int Count = 1000;
        await Task.WhenAll(Enumerable.Range(0, Count / 100).Select(batch => sender.SendMessagesAsync(
            Enumerable.Range(batch * 100, 100).Select(i => new ServiceBusMessage($"{i}")))));
        var seen = new ConcurrentDictionary<string, int>();
        var processors = Enumerable.Range(0, 4).Select(_ => Owned(Client.CreateProcessor(
            queue, new ServiceBusProcessorOptions { MaxConcurrentCalls = 8, PrefetchCount = 50 }))).ToList();
        foreach (var processor in processors)
        {
            processor.ProcessErrorAsync += args => Task.FromException(args.Exception);
            processor.ProcessMessageAsync += args =>
            {
                seen.AddOrUpdate(args.Message.Body.ToString(), 1, (_, times) => times + 1);
                return Task.CompletedTask;
            };
            await processor.StartProcessingAsync();
        }

        await Eventually.SucceedsAsync(
            "the queue is empty", async () => Assert.Equal(0, (await CountsAsync(queue)).TotalMessageCount), TimeSpan.FromMinutes(1));

        Assert.Equal(Count, seen.Count);
        Assert.All(seen.Values, times => Assert.Equal(1, times));
    }
}
