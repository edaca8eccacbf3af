using Azure.Messaging.ServiceBus;

namespace KedaJobs.Tests.Contract;

/// <summary>Looking at what is there.</summary>
public sealed class BrowsingContract : ServiceBusContract
{
    [Fact]
    public async Task A_peek_for_more_than_there_is_gives_what_there_is_in_one_or_more_calls()
    {
        const int Count = 12;
        var queue = await CreateQueueAsync();
        var sender = Sender(queue);
        for (var number = 0; number < Count; number++)
        {
            await sender.SendMessageAsync(new ServiceBusMessage(new byte[200_000]) { MessageId = $"{number}" });
        }

        var receiver = Receiver(queue);
        var peeked = new List<ServiceBusReceivedMessage>();
        while (await receiver.PeekMessagesAsync(int.MaxValue) is { Count: > 0 } more)
        {
            peeked.AddRange(more);
        }

        Assert.Equal(Enumerable.Range(0, Count).Select(number => $"{number}"), peeked.Select(message => message.MessageId));
    }

    [Fact]
    public async Task A_session_is_peeked_among_the_messages_of_others()
    {
        var queue = await CreateQueueAsync(options => options.RequiresSession = true);
        var sender = Sender(queue);
        using (var batch = await sender.CreateMessageBatchAsync())
        {
            for (var number = 0; number < 1_000; number++)
            {
                Assert.True(batch.TryAddMessage(new ServiceBusMessage($"{number}") { SessionId = number % 400 == 7 ? "wanted" : "other" }));
            }

            await sender.SendMessagesAsync(batch);
        }

        await using var session = await Client.AcceptSessionAsync(queue, "wanted");

        Assert.Equal(["7", "407", "807"], (await session.PeekMessagesAsync(1_000)).Select(message => message.Body.ToString()));
    }

    [Fact]
    public async Task Sessions_with_messages_or_state_are_listed()
    {
        var queue = await CreateQueueAsync(options => options.RequiresSession = true);
        await Sender(queue).SendMessageAsync(new ServiceBusMessage("x") { SessionId = "with message" });
        await using (var session = await Client.AcceptSessionAsync(queue, "with state"))
        {
            await session.SetSessionStateAsync(BinaryData.FromString("state"));
        }

        var all = await ReadAsync(Client.GetMessageSessionsAsync(queue));
        var updated = await ReadAsync(Client.GetMessageSessionsAsync(queue, Now.AddMinutes(-5)));
        var none = await ReadAsync(Client.GetMessageSessionsAsync(queue, Now.AddMinutes(5)));

        Assert.Equal(["with message", "with state"], all.Order(StringComparer.Ordinal));
        Assert.Equal(["with state"], updated);
        Assert.Empty(none);
    }

    private static async Task<List<string>> ReadAsync(IAsyncEnumerable<string> ids)
    {
        var list = new List<string>();
        await foreach (var id in ids)
        {
            list.Add(id);
        }

        return list;
    }
}
