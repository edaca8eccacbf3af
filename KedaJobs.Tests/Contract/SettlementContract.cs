using Azure.Messaging.ServiceBus;

namespace KedaJobs.Tests.Contract;

public sealed class SettlementContract : ServiceBusContract
{
    [Fact]
    public async Task An_abandoned_message_comes_again_at_its_old_place()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "first", "second");
        var receiver = Receiver(queue);
        var first = await ReceiveAsync(receiver);

        await receiver.AbandonMessageAsync(first);
        var again = await ReceiveAsync(receiver);

        Assert.Equal(("first", 2), (again.Body.ToString(), again.DeliveryCount));
        Assert.Equal(first.SequenceNumber, again.SequenceNumber);
    }

    [Fact]
    public async Task Properties_given_on_abandoning_are_added_and_replace_old_ones()
    {
        var queue = await CreateQueueAsync();
        await Sender(queue).SendMessageAsync(new ServiceBusMessage("m") { ApplicationProperties = { ["kept"] = 1, ["changed"] = "old" } });
        var receiver = Receiver(queue);

        await receiver.AbandonMessageAsync(
            await ReceiveAsync(receiver), new Dictionary<string, object> { ["changed"] = "new", ["added"] = TimeSpan.FromMinutes(2) });
        var again = await ReceiveAsync(receiver);

        Assert.Equal(1, again.ApplicationProperties["kept"]);
        Assert.Equal("new", again.ApplicationProperties["changed"]);
        Assert.Equal(TimeSpan.FromMinutes(2), again.ApplicationProperties["added"]);
    }

    [Fact]
    public async Task A_deferred_message_comes_only_when_called_by_its_number()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "deferred", "other");
        var receiver = Receiver(queue);
        var message = await ReceiveAsync(receiver);

        await receiver.DeferMessageAsync(message, new Dictionary<string, object> { ["why"] = "not yet" });

        Assert.Equal("other", (await ReceiveAsync(receiver)).Body.ToString());
        await AssertNothingArrivesAsync(receiver);
        Assert.Equal(2, (await CountsAsync(queue)).ActiveMessageCount);
        var called = await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber);
        Assert.Equal(("deferred", "not yet"), (called.Body.ToString(), called.ApplicationProperties["why"]));
        await receiver.CompleteMessageAsync(called);
        await AssertFailsAsync(ServiceBusFailureReason.MessageNotFound, () => receiver.ReceiveDeferredMessageAsync(message.SequenceNumber));
    }

    [Fact]
    public async Task An_abandoned_deferred_message_stays_deferred()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "deferred");
        var receiver = Receiver(queue);
        var message = await ReceiveAsync(receiver);
        await receiver.DeferMessageAsync(message);

        await receiver.AbandonMessageAsync(await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber));

        await AssertNothingArrivesAsync(receiver);
        Assert.Equal("deferred", (await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber)).Body.ToString());
    }

    [Fact]
    public async Task A_dead_lettered_message_tells_why()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "bad");
        var receiver = Receiver(queue);

        await receiver.DeadLetterMessageAsync(
            await ReceiveAsync(receiver), new Dictionary<string, object> { ["by"] = "worker-1" }, "Malformed", "not JSON at line 3");

        await AssertNothingArrivesAsync(receiver);
        var dead = await ReceiveAsync(DeadLetterReceiver(queue));
        Assert.Equal(
            ("bad", "Malformed", "not JSON at line 3"), (dead.Body.ToString(), dead.DeadLetterReason, dead.DeadLetterErrorDescription));
        Assert.Equal("worker-1", dead.ApplicationProperties["by"]);
        var counts = await CountsAsync(queue);
        Assert.Equal((0, 1, 1), (counts.ActiveMessageCount, counts.DeadLetterMessageCount, counts.TotalMessageCount));
    }

    [Fact]
    public async Task A_message_can_be_dead_lettered_without_a_reason()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "bad");
        var receiver = Receiver(queue);

        await receiver.DeadLetterMessageAsync(await ReceiveAsync(receiver));

        Assert.Null((await ReceiveAsync(DeadLetterReceiver(queue))).DeadLetterReason);
    }

    [Fact]
    public async Task After_too_many_deliveries_a_message_is_dead_lettered()
    {
        var queue = await CreateQueueAsync(options => options.MaxDeliveryCount = 3);
        await SendAsync(queue, "poison");
        var receiver = Receiver(queue);
        for (var delivery = 1; delivery <= 3; delivery++)
        {
            var message = await ReceiveAsync(receiver);
            Assert.Equal(delivery, message.DeliveryCount);
            await receiver.AbandonMessageAsync(message);
        }

        await AssertNothingArrivesAsync(receiver);
        var dead = await ReceiveAsync(DeadLetterReceiver(queue));
        Assert.Equal(("poison", "MaxDeliveryCountExceeded"), (dead.Body.ToString(), dead.DeadLetterReason));
        Assert.Contains("3", dead.DeadLetterErrorDescription, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lost_locks_count_as_deliveries()
    {
        var queue = await CreateQueueAsync(options =>
        {
            options.MaxDeliveryCount = 2;
            options.LockDuration = TimeSpan.FromSeconds(5);
        });
        await SendAsync(queue, "crash");
        for (var delivery = 1; delivery <= 2; delivery++)
        {
            Assert.Equal(delivery, (await ReceiveAsync(Receiver(queue))).DeliveryCount);
            await PassAsync(TimeSpan.FromSeconds(6));
        }

        Assert.Equal("MaxDeliveryCountExceeded", (await ReceiveAsync(DeadLetterReceiver(queue))).DeadLetterReason);
    }

    [Fact]
    public async Task In_the_dead_letter_queue_deliveries_have_no_limit()
    {
        var queue = await CreateQueueAsync(options => options.MaxDeliveryCount = 1);
        await SendAsync(queue, "bad");
        var receiver = Receiver(queue);
        await receiver.DeadLetterMessageAsync(await ReceiveAsync(receiver), "r");
        var dead = DeadLetterReceiver(queue);

        for (var i = 0; i < 4; i++)
        {
            await dead.AbandonMessageAsync(await ReceiveAsync(dead));
        }

        await dead.CompleteMessageAsync(await ReceiveAsync(dead));
        Assert.Equal(0, (await CountsAsync(queue)).TotalMessageCount);
    }

    [Fact]
    public async Task A_dead_letter_is_not_dead_lettered_again_and_stays_its_receivers()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "bad");
        var receiver = Receiver(queue);
        await receiver.DeadLetterMessageAsync(await ReceiveAsync(receiver), "first");
        var deadReceiver = DeadLetterReceiver(queue);
        var dead = await ReceiveAsync(deadReceiver);

        await Assert.ThrowsAsync<InvalidOperationException>(() => deadReceiver.DeadLetterMessageAsync(dead, "second"));

        Assert.Equal(1, (await CountsAsync(queue)).DeadLetterMessageCount);
        await deadReceiver.CompleteMessageAsync(dead);
        Assert.Equal(0, (await CountsAsync(queue)).TotalMessageCount);
    }

    [Fact]
    public async Task A_dead_letter_can_be_sent_again()
    {
        var queue = await CreateQueueAsync();
        await Sender(queue)
            .SendMessageAsync(new ServiceBusMessage("second chance") { MessageId = "id", ApplicationProperties = { ["task"] = "t" } });
        var receiver = Receiver(queue);
        await receiver.DeadLetterMessageAsync(await ReceiveAsync(receiver), "r", "d");
        var deadReceiver = DeadLetterReceiver(queue);
        var dead = await ReceiveAsync(deadReceiver);

        await Sender(queue).SendMessageAsync(new ServiceBusMessage(dead));
        await deadReceiver.CompleteMessageAsync(dead);

        var again = await ReceiveAsync(receiver);
        Assert.Equal(
            ("second chance", "id", "t", 1),
            (again.Body.ToString(), again.MessageId, again.ApplicationProperties["task"], again.DeliveryCount));
        Assert.Null(again.DeadLetterReason);
    }

    [Fact]
    public async Task A_settled_message_cannot_be_settled_again()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "once");
        var receiver = Receiver(queue);
        var message = await ReceiveAsync(receiver);
        await receiver.CompleteMessageAsync(message);

        await AssertFailsAsync(ServiceBusFailureReason.MessageLockLost, () => receiver.AbandonMessageAsync(message));
    }

    [Fact]
    public async Task Settling_can_be_out_of_order_and_all_at_once()
    {
        var queue = await CreateQueueAsync();
        await Sender(queue).SendMessagesAsync(Enumerable.Range(0, 100).Select(i => new ServiceBusMessage($"{i}")));
        var receiver = Receiver(queue);
        var messages = await ReceiveAsync(receiver, 100);

        await Task.WhenAll(messages.AsEnumerable().Reverse().Select((message, i) => (i % 3) switch
        {
            0 => receiver.CompleteMessageAsync(message),
            1 => receiver.DeadLetterMessageAsync(message, "r"),
            _ => receiver.DeferMessageAsync(message),
        }));

        var counts = await CountsAsync(queue);
        Assert.Equal((33, 33), (counts.ActiveMessageCount, counts.DeadLetterMessageCount));
    }
}
