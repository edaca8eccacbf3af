using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace KedaJobs.Tests.Contract;

public sealed class TopicContract : ServiceBusContract
{
    [Fact]
    public async Task Each_subscription_gets_its_copy()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "one");
        await SubscribeAsync(topic, "two");

        await SendAsync(topic, "a", "b");

        foreach (var name in (string[])["one", "two"])
        {
            var receiver = Receiver(topic, name);
            var messages = await ReceiveAsync(receiver, 2);
            Assert.Equal(["a", "b"], messages.Select(message => message.Body.ToString()));
            await receiver.CompleteMessageAsync(messages[0]);
        }

        Assert.Equal(1, (await CountsAsync(topic, "one")).ActiveMessageCount);
        Assert.Equal(1, (await CountsAsync(topic, "two")).ActiveMessageCount);
    }

    [Fact]
    public async Task A_batch_reaches_all_subscriptions()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "one");
        await SubscribeAsync(topic, "two");
        var sender = Sender(topic);
        using var batch = await sender.CreateMessageBatchAsync();
        for (var i = 0; i < 5; i++)
        {
            Assert.True(batch.TryAddMessage(new ServiceBusMessage($"{i}")));
        }

        await sender.SendMessagesAsync(batch);

        Assert.Equal(["0", "1", "2", "3", "4"], (await ReceiveAsync(Receiver(topic, "one"), 5)).Select(message => message.Body.ToString()));
        Assert.Equal(["0", "1", "2", "3", "4"], (await ReceiveAsync(Receiver(topic, "two"), 5)).Select(message => message.Body.ToString()));
    }

    [Fact]
    public async Task A_subscription_dead_letters_defers_and_abandons_like_a_queue()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");
        await SendAsync(topic, "dead", "later", "again");
        var receiver = Receiver(topic, "s");
        var messages = await ReceiveAsync(receiver, 3);
        await receiver.DeadLetterMessageAsync(messages[0], "bad", "very");
        await receiver.DeferMessageAsync(messages[1]);
        await receiver.AbandonMessageAsync(messages[2]);

        Assert.Equal("again", (await ReceiveAsync(receiver)).Body.ToString());
        Assert.Equal("later", (await receiver.ReceiveDeferredMessageAsync(messages[1].SequenceNumber)).Body.ToString());
        var dead = await ReceiveAsync(
            Owned(Client.CreateReceiver(topic, "s", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter })));
        Assert.Equal(("dead", "bad", "very"), (dead.Body.ToString(), dead.DeadLetterReason, dead.DeadLetterErrorDescription));
        Assert.Equal(1, (await CountsAsync(topic, "s")).DeadLetterMessageCount);
    }

    [Fact]
    public async Task A_subscription_with_sessions_gives_them_in_order()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s", options => options.RequiresSession = true);
        var sender = Sender(topic);
        foreach (var (session, body) in ((string, string)[])[("x", "1"), ("y", "2"), ("x", "3")])
        {
            await sender.SendMessageAsync(new ServiceBusMessage(body) { SessionId = session });
        }

        await using var named = await Client.AcceptSessionAsync(topic, "s", "x");
        Assert.Equal(["1", "3"], (await ReceiveAsync(named, 2)).Select(message => message.Body.ToString()));
        await using var next = await Client.AcceptNextSessionAsync(topic, "s");
        Assert.Equal("y", next.SessionId);
    }

    [Fact]
    public async Task A_processor_works_on_a_subscription()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");
        var handled = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var processor = Client.CreateProcessor(topic, "s");
        processor.ProcessMessageAsync += message =>
        {
            handled.TrySetResult(message.Message.Body.ToString());
            return Task.CompletedTask;
        };
        processor.ProcessErrorAsync += error =>
        {
            handled.TrySetException(error.Exception);
            return Task.CompletedTask;
        };
        await processor.StartProcessingAsync();

        await SendAsync(topic, "work");

        Assert.Equal("work", await handled.Task.WaitAsync(Soon));
        await processor.StopProcessingAsync();
    }

    [Fact]
    public async Task A_scheduled_message_reaches_the_subscriptions_at_its_time()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");
        var sender = Sender(topic);
        var number = await sender.ScheduleMessageAsync(new ServiceBusMessage("then"), Now.AddSeconds(30));
        var cancelled = await sender.ScheduleMessageAsync(new ServiceBusMessage("never"), Now.AddSeconds(30));
        Assert.NotEqual(number, cancelled);
        Assert.Equal(2, (await Admin.GetTopicRuntimePropertiesAsync(topic)).Value.ScheduledMessageCount);
        await sender.CancelScheduledMessageAsync(cancelled);
        var receiver = Receiver(topic, "s");
        await AssertNothingArrivesAsync(receiver);

        await PassAsync(TimeSpan.FromSeconds(31));

        Assert.Equal("then", (await ReceiveAsync(receiver)).Body.ToString());
        await AssertNothingArrivesAsync(receiver);
    }

    [Fact]
    public async Task Duplicates_are_found_in_the_topic()
    {
        var topic = await CreateTopicAsync(options => options.RequiresDuplicateDetection = true);
        await SubscribeAsync(topic, "s");
        var sender = Sender(topic);
        await sender.SendMessageAsync(new ServiceBusMessage("first") { MessageId = "1" });
        await sender.SendMessageAsync(new ServiceBusMessage("again") { MessageId = "1" });

        var receiver = Receiver(topic, "s");
        Assert.Equal("first", (await ReceiveAsync(receiver)).Body.ToString());
        await AssertNothingArrivesAsync(receiver);
    }

    [Fact]
    public async Task A_disabled_topic_takes_nothing()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");
        await SendAsync(topic, "before");
        var properties = (await Admin.GetTopicAsync(topic)).Value;
        properties.Status = EntityStatus.SendDisabled;
        await Admin.UpdateTopicAsync(properties);

        await AssertFailsAsync(
            ServiceBusFailureReason.MessagingEntityDisabled, () => Sender(topic).SendMessageAsync(new ServiceBusMessage("x")));
        Assert.Equal("before", (await ReceiveAsync(Receiver(topic, "s"))).Body.ToString());
    }

    [Fact]
    public async Task Entities_forward_to_topics_and_from_subscriptions()
    {
        var target = await CreateQueueAsync();
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "out", options => options.ForwardTo = target);
        var source = await CreateQueueAsync(options => options.ForwardTo = topic);

        await SendAsync(source, "through");

        Assert.Equal("through", (await ReceiveAsync(Receiver(target))).Body.ToString());
    }

    [Fact]
    public async Task The_wrong_end_of_a_topic_is_refused()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");

        await Assert.ThrowsAnyAsync<Exception>(() => Receiver(topic).ReceiveMessageAsync(Soon));
        await Assert.ThrowsAnyAsync<Exception>(() => Sender($"{topic}/Subscriptions/s").SendMessageAsync(new ServiceBusMessage("x")));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Receiver(topic, "missing").ReceiveMessageAsync(Soon));
        await AssertFailsAsync(
            ServiceBusFailureReason.MessagingEntityNotFound, () => Receiver($"missing-{Guid.NewGuid():N}", "s").ReceiveMessageAsync(Soon));
    }

    [Fact]
    public async Task A_deleted_subscription_ends_its_receivers()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");
        await SendAsync(topic, "x");
        var receiver = Receiver(topic, "s");
        Assert.NotNull(await receiver.ReceiveMessageAsync(Soon));

        await Admin.DeleteSubscriptionAsync(topic, "s");

        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => ReceiveFromDeletedAsync(receiver));
        await SendAsync(topic, "nobody takes it");
    }

    [Fact]
    public async Task The_enqueued_number_is_the_topics()
    {
        var topic = await CreateTopicAsync();
        await SendAsync(topic, "before anybody listened");
        await SubscribeAsync(topic, "s");
        await SendAsync(topic, "heard");

        var message = await ReceiveAsync(Receiver(topic, "s"));

        Assert.Equal(1, message.SequenceNumber);
        Assert.True(message.EnqueuedSequenceNumber > 1);
    }
}
