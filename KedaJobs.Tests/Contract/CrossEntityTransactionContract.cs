using System.Transactions;
using Azure.Messaging.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Contract;

/// <summary>
/// Transactions over several entities: what is received from the first one is sent to others (Microsoft Learn: "Transfers and send via").
/// </summary>
public sealed class CrossEntityTransactionContract : ServiceBusContract
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Across_entities_what_is_received_from_the_first_is_sent_to_others(bool commits)
    {
        var (input, output) = (await CreateQueueAsync(), await CreateQueueAsync());
        var topic = await CreateTopicAsync();
        await SubscribeAsync(topic, "s");
        await SendAsync(input, "in");
        var client = CrossEntityClient();
        var receiver = Owned(client.CreateReceiver(input));
        var message = await ReceiveAsync(receiver);
        using (var scope = NewScope())
        {
            await receiver.CompleteMessageAsync(message);
            await client.CreateSender(output).SendMessageAsync(new ServiceBusMessage("out"));
            await client.CreateSender(topic).SendMessageAsync(new ServiceBusMessage("news"));
            Complete(scope, commits);
        }

        if (commits)
        {
            Assert.Equal("out", (await ReceiveAsync(Receiver(output))).Body.ToString());
            Assert.Equal("news", (await ReceiveAsync(Receiver(topic, "s"))).Body.ToString());
            await EndedAsync(input, 0);
        }
        else
        {
            await Eventually.SucceedsAsync("the lock is free again", () => receiver.AbandonMessageAsync(message));
            Assert.Equal("in", (await ReceiveAsync(receiver)).Body.ToString());
            await EndedAsync(output, 0);
            Assert.Equal(0, (await CountsAsync(topic, "s")).ActiveMessageCount);
        }
    }

    [Fact]
    public async Task Across_entities_the_first_operation_may_be_part_of_a_transaction()
    {
        var (one, two) = (await CreateQueueAsync(), await CreateQueueAsync());
        var client = CrossEntityClient();
        using (var scope = NewScope())
        {
            await client.CreateSender(one).SendMessageAsync(new ServiceBusMessage("a"));
            await client.CreateSender(two).SendMessageAsync(new ServiceBusMessage("b"));
            scope.Complete();
        }

        await EndedAsync(one, 1);
        await EndedAsync(two, 1);
    }

    [Fact]
    public async Task Across_entities_there_is_one_to_receive_from()
    {
        var (one, two) = (await CreateQueueAsync(), await CreateQueueAsync());
        await SendAsync(one, "a");
        await SendAsync(two, "b");
        var client = CrossEntityClient();
        var receiver = Owned(client.CreateReceiver(one));
        var message = await ReceiveAsync(receiver);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => client.CreateReceiver(two).ReceiveMessageAsync(Soon));

        Assert.Contains("Local transactions cannot span multiple top-level entities", refused.Message, StringComparison.Ordinal);
        Assert.Equal("a", message.Body.ToString());
    }

    [Fact]
    public async Task Across_entities_a_sender_that_comes_first_decides_too()
    {
        var (one, two, three) = (await CreateQueueAsync(), await CreateQueueAsync(), await CreateQueueAsync());
        var client = CrossEntityClient();
        await client.CreateSender(two).SendMessageAsync(new ServiceBusMessage("b"));
        await client.CreateSender(one).SendMessageAsync(new ServiceBusMessage("a"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.CreateReceiver(one).ReceiveMessageAsync(Soon));

        var receiver = Owned(client.CreateReceiver(two));
        var message = await ReceiveAsync(receiver);
        using (var scope = NewScope())
        {
            await receiver.CompleteMessageAsync(message);
            await client.CreateSender(three).SendMessageAsync(new ServiceBusMessage("c"));
            scope.Complete();
        }

        await EndedAsync(two, 0);
        await EndedAsync(three, 1);
    }

    [Fact]
    public async Task A_processor_completes_and_sends_in_one_transaction()
    {
        var (input, output) = (await CreateQueueAsync(), await CreateQueueAsync());
        await SendAsync(input, "1", "2", "3");
        var client = CrossEntityClient();
        var processor = Owned(client.CreateProcessor(input, new ServiceBusProcessorOptions { AutoCompleteMessages = false }));
        var sender = client.CreateSender(output);
        var errors = new List<Exception>();
        processor.ProcessErrorAsync += error =>
        {
            errors.Add(error.Exception);
            return Task.CompletedTask;
        };
        processor.ProcessMessageAsync += async arguments =>
        {
            using var scope = NewScope();
            await arguments.CompleteMessageAsync(arguments.Message);
            await sender.SendMessageAsync(new ServiceBusMessage($"done {arguments.Message.Body}"));
            scope.Complete();
        };
        await processor.StartProcessingAsync();

        var done = await ReceiveAsync(Receiver(output), 3);
        await processor.StopProcessingAsync();
        Assert.Empty(errors);
        Assert.Equal(["done 1", "done 2", "done 3"], done.Select(message => message.Body.ToString()).Order());
        await EndedAsync(input, 0);
    }

    private static TransactionScope NewScope() => new(TransactionScopeAsyncFlowOption.Enabled);

    private static void Complete(TransactionScope scope, bool commits)
    {
        if (commits)
        {
            scope.Complete();
        }
    }

    private ServiceBusClient CrossEntityClient() => Owned(new ServiceBusClient(
        ConnectionString,
        new ServiceBusClientOptions { EnableCrossEntityTransactions = true, RetryOptions = { MaxRetries = 0, TryTimeout = Soon } }));

    /// <summary>Waits until a queue has so many active messages.</summary>
    private async Task EndedAsync(string queue, long active) => await Eventually.SucceedsAsync(
        $"{active} messages are active", async () => Assert.Equal(active, (await CountsAsync(queue)).ActiveMessageCount));
}
