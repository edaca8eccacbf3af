using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Contract;

/// <summary>How long messages and queues live.</summary>
public sealed class LifetimeContract : ServiceBusContract
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_deferred_message_expires_when_it_is_asked_for_and_not_before(bool deadLetter)
    {
        var queue = await CreateQueueAsync(options => options.DeadLetteringOnMessageExpiration = deadLetter);
        await Sender(queue).SendMessageAsync(new ServiceBusMessage("deferred") { TimeToLive = TimeSpan.FromSeconds(5) });
        var receiver = Receiver(queue);
        var message = await ReceiveAsync(receiver);
        await receiver.DeferMessageAsync(message);

        await PassAsync(TimeSpan.FromSeconds(30));
        var waiting = await CountsAsync(queue);
        Assert.Equal((1, 0), (waiting.ActiveMessageCount, waiting.DeadLetterMessageCount));
        Assert.Equal("deferred", (await receiver.PeekMessageAsync()).Body.ToString());

        await AssertFailsAsync(ServiceBusFailureReason.MessageNotFound, () => receiver.ReceiveDeferredMessageAsync(message.SequenceNumber));
        var expired = await CountsAsync(queue);
        Assert.Equal((0, deadLetter ? 1 : 0), (expired.ActiveMessageCount, expired.DeadLetterMessageCount));
        if (deadLetter)
        {
            Assert.Equal("TTLExpiredException", (await ReceiveAsync(DeadLetterReceiver(queue))).DeadLetterReason);
        }
    }

    [Fact]
    public async Task A_deferred_message_that_is_taken_in_time_is_its_holders()
    {
        var queue = await CreateQueueAsync();
        await Sender(queue).SendMessageAsync(new ServiceBusMessage("deferred") { TimeToLive = TimeSpan.FromSeconds(20) });
        var receiver = Receiver(queue);
        var message = await ReceiveAsync(receiver);
        await receiver.DeferMessageAsync(message);

        var held = await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber);
        await PassAsync(TimeSpan.FromSeconds(30));
        await receiver.CompleteMessageAsync(held);

        Assert.Equal(0, (await CountsAsync(queue)).TotalMessageCount);
    }

    /// <summary>The clock reaches the end of the idle time while senders are busy: what they were told is accepted must be there.</summary>
    [EmbeddedFact]
    public async Task No_accepted_message_goes_with_an_idle_queue()
    {
        var names = new List<string>();
        for (var number = 0; number < 25; number++)
        {
            names.Add(await CreateQueueAsync(options => options.AutoDeleteOnIdle = TimeSpan.FromMinutes(5)));
        }

        // Their links are open, so that the messages race with the end of the time.
        var senders = names.Select(Sender).ToList();
        await Task.WhenAll(senders.Select(sender => sender.SendMessageAsync(new ServiceBusMessage("first"))));

        // A lone tick short of the time, then the tick and the messages at once.
        await PassAsync(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        var sending = senders.Select(
            async sender => await Record.ExceptionAsync(() => sender.SendMessageAsync(new ServiceBusMessage("second"))))
            .ToList();
        await PassAsync(TimeSpan.FromTicks(1));
        var failures = await Task.WhenAll(sending);

        for (var number = 0; number < names.Count; number++)
        {
            if (failures[number] is null)
            {
                Assert.Equal(2, (await CountsAsync(names[number])).ActiveMessageCount);
            }
            else
            {
                Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, Assert.IsType<ServiceBusException>(failures[number]).Reason);
                await Eventually.SucceedsAsync(
                    "the idle queue is deleted", async () => Assert.False(await Admin.QueueExistsAsync(names[number])));
            }
        }
    }

    /// <summary>
    /// Forwarding is equal to a receiver that receives (Microsoft Learn: "Message expiration (Time to Live)", section "Idleness").
    /// </summary>
    [EmbeddedFact]
    public async Task What_forwards_is_never_idle()
    {
        var (target, idleTime) = (await CreateQueueAsync(), TimeSpan.FromMinutes(5));
        var topic = await CreateTopicAsync(options => options.AutoDeleteOnIdle = idleTime);
        await SubscribeAsync(topic, "sub", options => (options.AutoDeleteOnIdle, options.ForwardTo) = (idleTime, target));
        var queue = await CreateQueueAsync(options => (options.AutoDeleteOnIdle, options.ForwardTo) = (idleTime, target));
        var deadLetters = await CreateQueueAsync(options =>
            (options.AutoDeleteOnIdle, options.ForwardDeadLetteredMessagesTo) = (idleTime, target));
        var unused = await CreateQueueAsync(options => options.AutoDeleteOnIdle = idleTime);

        await PassAsync(TimeSpan.FromMinutes(6));
        await PassAsync(TimeSpan.FromMinutes(6));
        await Eventually.SucceedsAsync("the idle queue is deleted", async () => Assert.False(await Admin.QueueExistsAsync(unused)));
        Assert.True(await Admin.QueueExistsAsync(deadLetters));
        await Sender(queue).SendMessageAsync(new ServiceBusMessage("through the queue"));
        await Sender(topic).SendMessageAsync(new ServiceBusMessage("through the topic"));
        Assert.Equal(
            ["through the queue", "through the topic"],
            (await ReceiveAsync(Receiver(target), 2)).Select(message => message.Body.ToString()));

        var (changedQueue, changed) = ((await Admin.GetQueueAsync(queue)).Value, (await Admin.GetSubscriptionAsync(topic, "sub")).Value);
        (changedQueue.ForwardTo, changed.ForwardTo) = (null, null);
        await Admin.UpdateQueueAsync(changedQueue);
        await Admin.UpdateSubscriptionAsync(changed);
        await PassAsync(TimeSpan.FromMinutes(6));
        await Eventually.SucceedsAsync("queue and topic are idle", async () =>
        {
            Assert.False(await Admin.QueueExistsAsync(queue));
            Assert.False(await Admin.TopicExistsAsync(topic));
        });
    }

    /// <summary>Messages that are published don't count as use of a subscription; receiving, peeking, and changes do.</summary>
    [EmbeddedFact]
    public async Task A_subscription_that_nobody_receives_from_is_idle_whatever_is_published()
    {
        var topic = await CreateTopicAsync();
        foreach (var name in new[] { "unused", "received", "peeked", "with-a-new-rule" })
        {
            await SubscribeAsync(topic, name, options => options.AutoDeleteOnIdle = TimeSpan.FromMinutes(5));
        }

        await PassAsync(TimeSpan.FromMinutes(3));
        await Sender(topic).SendMessageAsync(new ServiceBusMessage("published"));
        await using (var receiver = Client.CreateReceiver(topic, "received"))
        {
            await receiver.CompleteMessageAsync(await ReceiveAsync(receiver));
        }

        await using (var receiver = Client.CreateReceiver(topic, "peeked"))
        {
            Assert.NotNull(await receiver.PeekMessageAsync());
        }

        await Admin.CreateRuleAsync(topic, "with-a-new-rule", new CreateRuleOptions("more", new FalseRuleFilter()));
        await PassAsync(TimeSpan.FromMinutes(3));

        await Eventually.SucceedsAsync(
            "the idle subscription is deleted", async () => Assert.False(await Admin.SubscriptionExistsAsync(topic, "unused")));
        Assert.True(await Admin.SubscriptionExistsAsync(topic, "received"));
        Assert.True(await Admin.SubscriptionExistsAsync(topic, "peeked"));
        Assert.True(await Admin.SubscriptionExistsAsync(topic, "with-a-new-rule"));
    }
}
