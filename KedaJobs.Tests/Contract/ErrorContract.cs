using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using KedaJobs.ServiceBus;
using EntityStatus = Azure.Messaging.ServiceBus.Administration.EntityStatus;

namespace KedaJobs.Tests.Contract;

public sealed class ErrorContract : ServiceBusContract
{
    protected override IReadOnlyList<SharedAccessRule> MoreRules =>
    [
        new SharedAccessRule { Name = "listener", Key = "listen-key", Rights = KedaJobs.ServiceBus.AccessRights.Listen },
        new SharedAccessRule { Name = "sender", Key = "send-key", Rights = KedaJobs.ServiceBus.AccessRights.Send },
    ];

    [Fact]
    public async Task A_missing_queue_is_not_found()
    {
        var name = $"missing-{Guid.NewGuid():N}";

        var sending = await AssertFailsAsync(
            ServiceBusFailureReason.MessagingEntityNotFound, () => Sender(name).SendMessageAsync(new ServiceBusMessage("x")));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Receiver(name).ReceiveMessageAsync(Soon));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Receiver(name).PeekMessageAsync());

        Assert.False(sending.IsTransient);
        Assert.Contains(name, sending.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_is_unauthorized()
    {
        var queue = await CreateQueueAsync();
        var wrong = WithCredentials("RootManageSharedAccessKey", "bm90IHRoZSBrZXk=");
        var client = NewClient(wrong);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(
            () => client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("x")));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => client.CreateReceiver(queue).ReceiveMessageAsync(Soon));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => new ServiceBusAdministrationClient(wrong).GetQueueAsync(queue));
    }

    [EmbeddedFact]
    public async Task A_key_allows_what_its_rule_says()
    {
        var queue = await CreateQueueAsync();
        var listener = NewClient(WithCredentials("listener", "listen-key"));
        var sender = NewClient(WithCredentials("sender", "send-key"));

        await sender.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("allowed"));
        Assert.Equal("allowed", (await ReceiveAsync(listener.CreateReceiver(queue))).Body.ToString());

        await Assert.ThrowsAsync<UnauthorizedAccessException>(
            () => listener.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("x")));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => sender.CreateReceiver(queue).ReceiveMessageAsync(Soon));
        await Assert.ThrowsAnyAsync<Exception>(
            () => new ServiceBusAdministrationClient(WithCredentials("sender", "send-key")).DeleteQueueAsync(queue));
        Assert.True(await Admin.QueueExistsAsync(queue));
    }

    [Fact]
    public async Task A_disabled_queue_says_so()
    {
        var name = await CreateQueueAsync();
        var queue = (await Admin.GetQueueAsync(name)).Value;
        queue.Status = EntityStatus.SendDisabled;
        await Admin.UpdateQueueAsync(queue);

        await AssertFailsAsync(
            ServiceBusFailureReason.MessagingEntityDisabled, () => Sender(name).SendMessageAsync(new ServiceBusMessage("x")));
        await AssertNothingArrivesAsync(Receiver(name));
    }

    [Fact]
    public async Task A_queue_deleted_under_its_users_is_not_found()
    {
        var name = await CreateQueueAsync();
        var sender = Sender(name);
        await sender.SendMessageAsync(new ServiceBusMessage("x"));
        var receiving = Receiver(name);
        Assert.NotNull(await receiving.ReceiveMessageAsync(Soon));

        await Admin.DeleteQueueAsync(name);

        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => sender.SendMessageAsync(new ServiceBusMessage("y")));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => receiving.ReceiveMessageAsync(Soon));
    }

    [Fact]
    public async Task What_a_deleted_queue_gave_can_no_longer_be_settled()
    {
        var name = await CreateQueueAsync();
        await SendAsync(name, "a", "b");
        var receiver = Receiver(name);
        var messages = await ReceiveAsync(receiver, 2);
        await receiver.RenewMessageLockAsync(messages[0]);

        await Admin.DeleteQueueAsync(name);

        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => receiver.RenewMessageLockAsync(messages[0]));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => receiver.PeekMessageAsync());
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => receiver.CompleteMessageAsync(messages[0]));
    }

    [Fact]
    public async Task A_queue_of_the_same_name_is_another_queue_and_its_users_find_it()
    {
        var name = await CreateQueueAsync();
        var (sender, receiver) = (Sender(name), Receiver(name));
        await sender.SendMessageAsync(new ServiceBusMessage("old"));
        Assert.Equal("old", (await ReceiveAsync(receiver)).Body.ToString());
        Assert.NotNull(await receiver.PeekMessageAsync());

        await Admin.DeleteQueueAsync(name);
        await AssertFailsAsync(
            ServiceBusFailureReason.MessagingEntityNotFound, () => sender.SendMessageAsync(new ServiceBusMessage("lost")));
        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => receiver.PeekMessageAsync());
        await Admin.CreateQueueAsync(name);

        await sender.SendMessageAsync(new ServiceBusMessage("new"));
        Assert.Equal("new", (await receiver.PeekMessageAsync(fromSequenceNumber: 0)).Body.ToString());
        Assert.Equal("new", (await ReceiveAsync(receiver)).Body.ToString());
    }

    [Fact]
    public async Task Nothing_can_be_sent_to_a_dead_letter_queue()
    {
        var queue = await CreateQueueAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Sender($"{queue}/$DeadLetterQueue").SendMessageAsync(new ServiceBusMessage("x")));
    }

    [Fact]
    public async Task An_unknown_deferred_message_is_not_found()
    {
        var queue = await CreateQueueAsync();

        await AssertFailsAsync(ServiceBusFailureReason.MessageNotFound, () => Receiver(queue).ReceiveDeferredMessageAsync(123456));
    }

    [EmbeddedFact]
    public async Task A_client_comes_back_after_a_restart_of_the_broker()
    {
        var queue = await CreateQueueAsync();
        var client = NewClient(maxRetries: 10);
        var sender = client.CreateSender(queue);
        var receiver = client.CreateReceiver(queue);
        await sender.SendMessageAsync(new ServiceBusMessage("before"));
        Assert.Equal("before", (await ReceiveAsync(receiver)).Body.ToString());
        var port = Broker.Port;

        await Broker.StopAsync();
        await using var second = await ServiceBusBroker.StartAsync(
            new BrokerOptions { Port = port, Queues = [new QueueOptions { Name = queue }] });
        await sender.SendMessageAsync(new ServiceBusMessage("after"));

        Assert.Equal("after", (await ReceiveAsync(receiver)).Body.ToString());
    }

    private string WithCredentials(string name, string key)
    {
        var endpoint = ConnectionString.Split(';').Single(part => part.StartsWith("Endpoint=", StringComparison.Ordinal));
        var emulator = ConnectionString.Contains("UseDevelopmentEmulator=true", StringComparison.OrdinalIgnoreCase)
            ? ";UseDevelopmentEmulator=true"
            : "";
        return $"{endpoint};SharedAccessKeyName={name};SharedAccessKey={key}{emulator}";
    }
}
