using Azure.Messaging.ServiceBus;
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
}
