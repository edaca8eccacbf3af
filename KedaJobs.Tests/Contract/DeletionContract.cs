using Azure.Messaging.ServiceBus;

namespace KedaJobs.Tests.Contract;

/// <summary>
/// Queues, topics and subscriptions that are deleted while clients use them: whatever these do next,
/// they are told that the entity is not there.
/// </summary>
public sealed class DeletionContract : ServiceBusContract
{
    [Theory]
    [InlineData("complete")]
    [InlineData("abandon")]
    [InlineData("defer")]
    [InlineData("dead-letter")]
    [InlineData("renew")]
    [InlineData("receive")]
    [InlineData("receive by number")]
    [InlineData("peek")]
    [InlineData("send")]
    [InlineData("schedule")]
    [InlineData("cancel")]
    public async Task The_next_operation_on_a_deleted_queue_says_so(string operation)
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "a", "b");
        var (sender, receiver) = (Sender(queue), Receiver(queue));
        var messages = await ReceiveAsync(receiver, 2);
        await receiver.DeferMessageAsync(messages[1]);
        await receiver.RenewMessageLockAsync(messages[0]);
        var scheduled = await sender.ScheduleMessageAsync(new ServiceBusMessage("later"), Now.AddHours(1));
        await sender.SendMessageAsync(new ServiceBusMessage("c"));

        await Admin.DeleteQueueAsync(queue);

        await AssertGoneAsync(() => operation switch
        {
            "complete" => receiver.CompleteMessageAsync(messages[0]),
            "abandon" => receiver.AbandonMessageAsync(messages[0]),
            "defer" => receiver.DeferMessageAsync(messages[0]),
            "dead-letter" => receiver.DeadLetterMessageAsync(messages[0]),
            "renew" => receiver.RenewMessageLockAsync(messages[0]),
            "receive" => ReceiveFromDeletedAsync(receiver),
            "receive by number" => receiver.ReceiveDeferredMessageAsync(messages[1].SequenceNumber),
            "peek" => receiver.PeekMessageAsync(),
            "send" => sender.SendMessageAsync(new ServiceBusMessage("x")),
            "schedule" => sender.ScheduleMessageAsync(new ServiceBusMessage("x"), Now.AddHours(1)),
            _ => sender.CancelScheduledMessageAsync(scheduled),
        });
    }

    [Fact]
    public async Task A_receiver_that_waits_need_not_wait_on()
    {
        var queue = await CreateQueueAsync();
        var receiver = Receiver(queue);
        Assert.Null(await receiver.ReceiveMessageAsync(Quiet));
        var waiting = receiver.ReceiveMessageAsync(Soon + Soon);

        await Admin.DeleteQueueAsync(queue);

        // The client takes a link that ends under a wait for one that has no message.
        Assert.Null(await waiting.WaitAsync(Soon));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => receiver.ReceiveMessageAsync(Soon));
    }

    [Fact]
    public async Task Who_waits_for_a_session_is_told()
    {
        var queue = await CreateQueueAsync(options => options.RequiresSession = true);
        await Assert.ThrowsAsync<ServiceBusException>(
            async () => await NewClient(tryTimeout: TimeSpan.FromSeconds(1)).AcceptNextSessionAsync(queue));
        var waiting = NewClient(maxRetries: 1).AcceptNextSessionAsync(queue);

        await Admin.DeleteQueueAsync(queue);

        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, async () => await waiting);
    }

    [Fact]
    public async Task A_processor_is_told()
    {
        var queue = await CreateQueueAsync();
        var told = new TaskCompletionSource<ServiceBusException>(TaskCreationOptions.RunContinuationsAsynchronously);
        var received = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var processor = Client.CreateProcessor(queue);
        processor.ProcessMessageAsync += _ =>
        {
            received.TrySetResult();
            return Task.CompletedTask;
        };
        processor.ProcessErrorAsync += failed =>
        {
            if (failed.Exception is ServiceBusException { Reason: ServiceBusFailureReason.MessagingEntityNotFound } error)
            {
                told.TrySetResult(error);
            }

            return Task.CompletedTask;
        };
        await processor.StartProcessingAsync();
        await SendAsync(queue, "x");
        await received.Task.WaitAsync(Soon);

        await Admin.DeleteQueueAsync(queue);

        Assert.Contains(queue, (await told.Task.WaitAsync(Soon)).Message, StringComparison.Ordinal);
        await processor.StopProcessingAsync();
    }

    [Fact]
    public async Task A_subscription_that_is_deleted_alone_or_with_its_topic_says_so()
    {
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "one");
        await SubscribeAsync(topic, "two");
        var sender = Sender(topic);
        await sender.SendMessageAsync(new ServiceBusMessage("x"));
        var (one, two) = (Receiver(topic, "one"), Receiver(topic, "two"));
        var (first, second) = (await ReceiveAsync(one), await ReceiveAsync(two));

        await Admin.DeleteSubscriptionAsync(topic, "one");
        await AssertGoneAsync(() => one.CompleteMessageAsync(first));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => one.ReceiveMessageAsync(Soon));
        await sender.SendMessageAsync(new ServiceBusMessage("y"));

        await Admin.DeleteTopicAsync(topic);
        await AssertGoneAsync(() => two.CompleteMessageAsync(second));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => sender.SendMessageAsync(new ServiceBusMessage("z")));
    }

    [Fact]
    public async Task A_queue_in_place_of_a_topic_serves_those_who_sent_to_the_topic()
    {
        var name = await CreateTopicAsync();
        var sender = Sender(name);
        await sender.SendMessageAsync(new ServiceBusMessage("to the topic"));

        await Admin.DeleteTopicAsync(name);
        await CreateQueueAsync(options => options.Name = name);
        await sender.SendMessageAsync(new ServiceBusMessage("to the queue"));

        Assert.Equal("to the queue", (await ReceiveAsync(Receiver(name))).Body.ToString());
    }
}
