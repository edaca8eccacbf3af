using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.ServiceBus;

/// <summary>What a client finds again when a broker with a data directory has stopped and another has started on it.</summary>
public sealed class DurableBrokerTests : IAsyncLifetime
{
    private readonly TemporaryFolder _data = new("data");
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private ServiceBusBroker? _broker;
    private ServiceBusClient? _client;

    private ServiceBusClient Client => _client!;

    private ServiceBusAdministrationClient Admin => new(_broker!.ConnectionString);

    public Task InitializeAsync() => StartAsync(
        new QueueOptions { Name = "jobs", MaxDeliveryCount = 2, UserMetadata = "declared" },
        new QueueOptions { Name = "unique", RequiresDuplicateDetection = true },
        new QueueOptions { Name = "sessions", RequiresSession = true });

    public async Task DisposeAsync()
    {
        await StopAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task Messages_come_back_as_they_were_sent_under_their_numbers_and_new_ones_get_new_numbers()
    {
        var sent = new ServiceBusMessage("body")
        {
            MessageId = "m1",
            Subject = "subject",
            CorrelationId = "c1",
            ContentType = "text/plain",
            ReplyTo = "results",
            TimeToLive = TimeSpan.FromHours(1),
            ApplicationProperties = { ["key"] = 42 },
        };
        await SendAsync("jobs", sent);
        var before = Assert.Single(await Client.CreateReceiver("jobs").PeekMessagesAsync(10));
        await RestartAsync();
        await SendAsync("jobs", new ServiceBusMessage("next"));
        var received = await ReceiveAsync("jobs", 2);
        var after = received[0];
        Assert.Equal(
            (
                before.Body.ToString(),
                before.MessageId,
                before.Subject,
                before.CorrelationId,
                before.ContentType,
                before.ReplyTo,
                before.TimeToLive),
            (
                after.Body.ToString(),
                after.MessageId,
                after.Subject,
                after.CorrelationId,
                after.ContentType,
                after.ReplyTo,
                after.TimeToLive));
        Assert.Equal(
            (before.EnqueuedTime, before.ExpiresAt, 1, 42),
            (after.EnqueuedTime, after.ExpiresAt, after.DeliveryCount, after.ApplicationProperties["key"]));
        Assert.Equal([1L, 2], received.Select(message => message.SequenceNumber));
    }

    [Fact]
    public async Task Settled_messages_stay_settled_and_locked_ones_come_again_counted()
    {
        await SendAsync("jobs", new("completed"), new("locked"), new("abandoned"));
        await using (var receiver = Client.CreateReceiver("jobs"))
        {
            var messages = await ReceiveAsync("jobs", 3, receiver);
            await receiver.CompleteMessageAsync(messages[0]);
            await receiver.AbandonMessageAsync(messages[2], new Dictionary<string, object> { ["try"] = "first" });
        }

        await RestartAsync();
        var again = await ReceiveAsync("jobs", 2);
        Assert.Equal(["locked 2", "abandoned 2"], again.Select(message => $"{message.Body} {message.DeliveryCount}"));
        Assert.Equal("first", again[1].ApplicationProperties["try"]);
    }

    [Fact]
    public async Task Dead_letters_come_back_with_their_reason()
    {
        await SendAsync("jobs", new ServiceBusMessage("dead"));
        await using (var receiver = Client.CreateReceiver("jobs"))
        {
            await receiver.DeadLetterMessageAsync((await ReceiveAsync("jobs", 1, receiver))[0], "Unparsable", "no such task");
        }

        await RestartAsync();
        await using var dead = Client.CreateReceiver("jobs", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        var message = (await ReceiveAsync("jobs", 1, dead))[0];
        Assert.Equal(
            ("dead", "Unparsable", "no such task", "jobs"),
            (message.Body.ToString(), message.DeadLetterReason, message.DeadLetterErrorDescription, message.DeadLetterSource));
        await dead.CompleteMessageAsync(message);
        await RestartAsync();
        Assert.Equal(0, (await CountsAsync("jobs")).TotalMessageCount);
    }

    [Fact]
    public async Task Scheduled_and_deferred_messages_keep_waiting()
    {
        await using (var sender = Client.CreateSender("jobs"))
        {
            await sender.ScheduleMessageAsync(new ServiceBusMessage("due while stopped"), _time.GetUtcNow().AddMinutes(1));
            await sender.ScheduleMessageAsync(new ServiceBusMessage("due later"), _time.GetUtcNow().AddMinutes(10));
            await sender.SendMessageAsync(new ServiceBusMessage("deferred"));
        }

        long deferred;
        await using (var receiver = Client.CreateReceiver("jobs"))
        {
            var message = (await ReceiveAsync("jobs", 1, receiver))[0];
            deferred = message.SequenceNumber;
            await receiver.DeferMessageAsync(message);
        }

        await StopAsync();
        _time.Advance(TimeSpan.FromMinutes(2));
        await StartAsync();
        var counts = await CountsAsync("jobs");
        Assert.Equal((2, 1), (counts.ActiveMessageCount, counts.ScheduledMessageCount));
        await using var again = Client.CreateReceiver("jobs");
        var due = (await ReceiveAsync("jobs", 1, again))[0];
        Assert.Equal("due while stopped", due.Body.ToString());
        await again.CompleteMessageAsync(due);
        Assert.Equal("deferred", (await again.ReceiveDeferredMessageAsync(deferred)).Body.ToString());

        // A second more, because the time of a schedule is rounded.
        _time.Advance(new TimeSpan(0, 8, 1));
        Assert.Equal("due later", (await ReceiveAsync("jobs", 1))[0].Body.ToString());
    }

    [Fact]
    public async Task What_expired_while_the_broker_was_down_does_not_come()
    {
        await SendAsync("jobs", new ServiceBusMessage("short") { TimeToLive = TimeSpan.FromMinutes(1) }, new ServiceBusMessage("long"));
        await StopAsync();
        _time.Advance(TimeSpan.FromMinutes(2));
        await StartAsync();
        Assert.Equal("long", (await ReceiveAsync("jobs", 1))[0].Body.ToString());
        Assert.Equal(1, (await CountsAsync("jobs")).TotalMessageCount);
    }

    [Fact]
    public async Task Duplicates_are_known_for_as_long_as_the_window_says_also_after_completion()
    {
        await SendAsync("unique", new ServiceBusMessage("first") { MessageId = "1" });
        await using (var receiver = Client.CreateReceiver("unique"))
        {
            await receiver.CompleteMessageAsync((await ReceiveAsync("unique", 1, receiver))[0]);
        }

        await RestartAsync();
        await SendAsync("unique", new ServiceBusMessage("duplicate") { MessageId = "1" });
        Assert.Equal(0, (await CountsAsync("unique")).TotalMessageCount);
        _time.Advance(TimeSpan.FromMinutes(10));
        await SendAsync("unique", new ServiceBusMessage("new") { MessageId = "1" });
        Assert.Equal("new", (await ReceiveAsync("unique", 1))[0].Body.ToString());
    }

    [Fact]
    public async Task Sessions_keep_their_state_and_their_messages()
    {
        await SendAsync("sessions", new ServiceBusMessage("a") { SessionId = "s" }, new ServiceBusMessage("b") { SessionId = "s" });
        await using (var session = await Client.AcceptSessionAsync("sessions", "s"))
        {
            await session.CompleteMessageAsync((await session.ReceiveMessageAsync())!);
            await session.SetSessionStateAsync(BinaryData.FromString("half done"));
        }

        await RestartAsync();
        await using var next = await Client.AcceptNextSessionAsync("sessions");
        Assert.Equal(("s", "half done"), (next.SessionId, (await next.GetSessionStateAsync()).ToString()));
        Assert.Equal("b", (await next.ReceiveMessageAsync())!.Body.ToString());
    }

    [Fact]
    public async Task Queues_that_were_created_changed_or_deleted_by_clients_stay_so()
    {
        var created = DateTimeOffset.MinValue;
        await Admin.CreateQueueAsync(new CreateQueueOptions("made") { LockDuration = TimeSpan.FromSeconds(30), RequiresSession = true });
        await Admin.CreateQueueAsync("gone");
        await Admin.DeleteQueueAsync("gone");
        created = (await Admin.GetQueueRuntimePropertiesAsync("made")).Value.CreatedAt;
        _time.Advance(TimeSpan.FromMinutes(10));
        await RestartAsync();
        var made = (await Admin.GetQueueAsync("made")).Value;
        Assert.Equal((TimeSpan.FromSeconds(30), true), (made.LockDuration, made.RequiresSession));
        Assert.Equal(created, (await Admin.GetQueueRuntimePropertiesAsync("made")).Value.CreatedAt);
        Assert.False(await Admin.QueueExistsAsync("gone"));
    }

    [Fact]
    public async Task A_declared_queue_takes_on_the_declared_values_and_keeps_its_messages()
    {
        await SendAsync("jobs", new ServiceBusMessage("a"));
        await StopAsync();
        await StartAsync(new QueueOptions { Name = "Jobs", MaxDeliveryCount = 7 });
        Assert.Equal(7, (await Admin.GetQueueAsync("jobs")).Value.MaxDeliveryCount);
        Assert.Equal("a", (await ReceiveAsync("jobs", 1))[0].Body.ToString());
    }

    [Fact]
    public async Task A_declaration_that_an_existing_queue_cannot_take_on_is_refused()
    {
        await StopAsync();
        var refused = await Assert.ThrowsAsync<BrokerStartException>(
            () => StartAsync(new QueueOptions { Name = "jobs", RequiresSession = true }));
        Assert.Contains(
            "Queue 'jobs' is in the data directory with other values. RequiresSession: cannot be changed after the queue was created.",
            refused.Message, StringComparison.Ordinal);
        Assert.Contains("choose another data directory", refused.Message, StringComparison.Ordinal);

        // The failed start let go of the directory.
        await StartAsync();
    }

    [Fact]
    public async Task Two_brokers_cannot_share_a_directory()
    {
        var refused = await Assert.ThrowsAsync<BrokerStartException>(
            () => ServiceBusBroker.StartAsync(new BrokerOptions { DataDirectory = _data.FullName }));
        Assert.Contains("in use by another broker", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_queue_is_not_deleted_for_the_time_in_which_the_broker_was_down()
    {
        await Admin.CreateQueueAsync(new CreateQueueOptions("idle") { AutoDeleteOnIdle = TimeSpan.FromMinutes(5) });
        await StopAsync();
        _time.Advance(TimeSpan.FromMinutes(10));
        await StartAsync();
        Assert.True(await Admin.QueueExistsAsync("idle"));
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.True(await Admin.QueueExistsAsync("idle"));
        _time.Advance(TimeSpan.FromMinutes(2));
        await Eventually.SucceedsAsync("the idle queue is deleted", async () => Assert.False(await Admin.QueueExistsAsync("idle")));
    }

    private async Task StartAsync(params QueueOptions[] queues)
    {
        _broker = await ServiceBusBroker.StartAsync(
            new BrokerOptions { DataDirectory = _data.FullName, Queues = queues }, timeProvider: _time);
        _client = new ServiceBusClient(_broker.ConnectionString, new ServiceBusClientOptions { RetryOptions = { MaxRetries = 0 } });
    }

    private async Task StopAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        (_client, _broker) = (null, null);
    }

    private async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    private async Task SendAsync(string queue, params ServiceBusMessage[] messages)
    {
        await using var sender = Client.CreateSender(queue);
        foreach (var message in messages)
        {
            await sender.SendMessageAsync(message);
        }
    }

    private async Task<List<ServiceBusReceivedMessage>> ReceiveAsync(string queue, int count, ServiceBusReceiver? by = null)
    {
        var receiver = by ?? Client.CreateReceiver(queue);
        var messages = new List<ServiceBusReceivedMessage>();
        while (messages.Count < count)
        {
            var more = await receiver.ReceiveMessagesAsync(count - messages.Count, Eventually.DefaultDeadline);
            Assert.NotEmpty(more);
            messages.AddRange(more);
        }

        return messages;
    }

    private async Task<QueueRuntimeProperties> CountsAsync(string queue) => await Admin.GetQueueRuntimePropertiesAsync(queue);
}
