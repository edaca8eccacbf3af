using Azure.Messaging.ServiceBus;

namespace KedaJobs.Tests.Contract;

public sealed class SendingContract : ServiceBusContract
{
    public static TheoryData<object> PropertyValues => new()
    {
        true,
        (byte)200,
        (short)-300,
        -70000,
        long.MinValue,
        ulong.MaxValue,
        1.5f,
        -2.25d,
        'ß',
        "text",
        Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"),
        TimeSpan.FromTicks(123456789),
        new Uri("https://example.org/a?b=c"),
        new DateTimeOffset(2024, 2, 29, 23, 59, 58, 123, TimeSpan.Zero),
        123456789.0123456789m,
    };

    [Fact]
    public async Task A_message_is_received_as_it_was_sent()
    {
        var queue = await CreateQueueAsync();
        var sent = new ServiceBusMessage(BinaryData.FromBytes([0, 1, 2, 255]))
        {
            MessageId = "id",
            CorrelationId = "correlation",
            ContentType = "application/octet-stream",
            Subject = "subject",
            To = "to",
            ReplyTo = "results",
            ReplyToSessionId = "reply-session",
            PartitionKey = "partition",
            TimeToLive = TimeSpan.FromMinutes(7),
            ApplicationProperties = { ["task"] = "wordcount" },
        };

        await Sender(queue).SendMessageAsync(sent);
        var received = await ReceiveAsync(Receiver(queue));

        Assert.Equal(new byte[] { 0, 1, 2, 255 }, received.Body.ToArray());
        Assert.Equal("id", received.MessageId);
        Assert.Equal("correlation", received.CorrelationId);
        Assert.Equal("application/octet-stream", received.ContentType);
        Assert.Equal("subject", received.Subject);
        Assert.Equal("to", received.To);
        Assert.Equal("results", received.ReplyTo);
        Assert.Equal("reply-session", received.ReplyToSessionId);
        Assert.Equal("partition", received.PartitionKey);
        Assert.Equal(TimeSpan.FromMinutes(7), received.TimeToLive);
        Assert.Equal("wordcount", Assert.Contains("task", received.ApplicationProperties));
        Assert.Equal(1, received.DeliveryCount);
        Assert.Equal(ServiceBusMessageState.Active, received.State);
        Assert.NotEqual(Guid.Empty.ToString(), received.LockToken);
    }

    [Theory]
    [MemberData(nameof(PropertyValues))]
    public async Task Every_type_of_application_property_is_carried(object value)
    {
        var queue = await CreateQueueAsync();

        await Sender(queue).SendMessageAsync(new ServiceBusMessage { ApplicationProperties = { ["value"] = value } });

        Assert.Equal(value, (await ReceiveAsync(Receiver(queue))).ApplicationProperties["value"]);
    }

    [Fact]
    public async Task The_service_numbers_and_dates_messages_and_gives_ids_to_those_without()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "a", "b", "c");

        var messages = await ReceiveAsync(Receiver(queue), 3);

        Assert.Equal([1L, 2L, 3L], messages.Select(message => message.SequenceNumber - messages[0].SequenceNumber + 1));
        Assert.All(messages, message => Assert.NotEmpty(message.MessageId));
        Assert.Equal(3, messages.Select(message => message.MessageId).Distinct().Count());
        Assert.All(messages, message => Assert.InRange(
            message.EnqueuedTime, TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddMinutes(5)));
        Assert.True(messages[0].EnqueuedTime <= messages[2].EnqueuedTime);
    }

    [Fact]
    public async Task A_list_of_messages_arrives_in_order()
    {
        var queue = await CreateQueueAsync();
        var bodies = Enumerable.Range(0, 200).Select(i => $"{i}").ToList();

        await Sender(queue).SendMessagesAsync(bodies.Select(body => new ServiceBusMessage(body)));

        Assert.Equal(bodies, (await ReceiveAsync(Receiver(queue), 200)).Select(message => message.Body.ToString()));
    }

    [Fact]
    public async Task A_batch_that_says_it_is_full_can_be_sent()
    {
        var queue = await CreateQueueAsync();
        var sender = Sender(queue);
        using var batch = await sender.CreateMessageBatchAsync();
        var added = 0;
        while (batch.TryAddMessage(
            new ServiceBusMessage(new byte[3000]) { MessageId = $"{added}", ApplicationProperties = { ["n"] = added } }))
        {
            added++;
        }

        await sender.SendMessagesAsync(batch);

        Assert.InRange(added, 50, 100_000);
        Assert.InRange(batch.SizeInBytes, batch.MaxSizeInBytes - 4000, batch.MaxSizeInBytes);
        Assert.Equal(added, (await CountsAsync(queue)).ActiveMessageCount);
    }

    [Fact]
    public async Task Too_much_at_once_is_refused_and_none_of_it_kept()
    {
        var queue = await CreateQueueAsync();
        var sender = Sender(queue);
        using var batch = await sender.CreateMessageBatchAsync();
        var tooMany = Enumerable.Range(0, 1 + (int)(batch.MaxSizeInBytes / 60_000)).Select(_ => new ServiceBusMessage(new byte[60_000]))
            .ToList();

        await AssertFailsAsync(ServiceBusFailureReason.MessageSizeExceeded, () => sender.SendMessagesAsync(tooMany));

        await sender.SendMessageAsync(new ServiceBusMessage(new byte[(int)Math.Min(batch.MaxSizeInBytes, 262144) - 1000]));
        Assert.Equal(1, (await CountsAsync(queue)).ActiveMessageCount);
    }

    [Fact]
    public async Task An_empty_message_is_a_message()
    {
        var queue = await CreateQueueAsync();

        await Sender(queue).SendMessageAsync(new ServiceBusMessage());

        Assert.Empty((await ReceiveAsync(Receiver(queue))).Body.ToArray());
    }

    [Fact]
    public async Task A_scheduled_message_comes_when_it_is_due()
    {
        var queue = await CreateQueueAsync();
        var receiver = Receiver(queue);
        var due = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 10);
        var number = await Sender(queue).ScheduleMessageAsync(new ServiceBusMessage("later") { MessageId = "s" }, due);
        var peeked = await receiver.PeekMessageAsync();

        Assert.Equal((number, ServiceBusMessageState.Scheduled), (peeked.SequenceNumber, peeked.State));
        var counts = await CountsAsync(queue);
        Assert.Equal((0, 1, 1), (counts.ActiveMessageCount, counts.ScheduledMessageCount, counts.TotalMessageCount));
        await AssertNothingArrivesAsync(receiver);

        await PassAsync(TimeSpan.FromSeconds(11));
        var message = await ReceiveAsync(receiver);

        Assert.Equal(("later", "s"), (message.Body.ToString(), message.MessageId));
        Assert.Equal(due, message.ScheduledEnqueueTime);
        Assert.Equal(0, (await CountsAsync(queue)).ScheduledMessageCount);
    }

    [Fact]
    public async Task A_message_can_be_sent_for_later()
    {
        var queue = await CreateQueueAsync();
        var receiver = Receiver(queue);
        await Sender(queue)
            .SendMessageAsync(new ServiceBusMessage("later") { ScheduledEnqueueTime = TimeProvider.System.GetUtcNow().AddSeconds(10) });
        await SendAsync(queue, "now");

        Assert.Equal("now", (await ReceiveAsync(receiver)).Body.ToString());
        await AssertNothingArrivesAsync(receiver);
        await PassAsync(TimeSpan.FromSeconds(11));
        Assert.Equal("later", (await ReceiveAsync(receiver)).Body.ToString());
    }

    [Fact]
    public async Task A_cancelled_message_never_comes_and_cannot_be_cancelled_again()
    {
        var queue = await CreateQueueAsync();
        var sender = Sender(queue);
        var due = TimeProvider.System.GetUtcNow().AddSeconds(10);
        var numbers = await sender.ScheduleMessagesAsync([new ServiceBusMessage("a"), new ServiceBusMessage("b")], due);

        await sender.CancelScheduledMessageAsync(numbers[0]);
        await PassAsync(TimeSpan.FromSeconds(11));

        var receiver = Receiver(queue);
        Assert.Equal("b", (await ReceiveAsync(receiver)).Body.ToString());
        await AssertNothingArrivesAsync(receiver);
        await AssertFailsAsync(ServiceBusFailureReason.MessageNotFound, () => sender.CancelScheduledMessageAsync(numbers[0]));
    }

    [Fact]
    public async Task A_duplicate_is_dropped_until_the_window_has_passed()
    {
        var queue = await CreateQueueAsync(options =>
        {
            options.RequiresDuplicateDetection = true;
            options.DuplicateDetectionHistoryTimeWindow = TimeSpan.FromSeconds(20);
        });
        var sender = Sender(queue);
        await using var receiver = Client.CreateReceiver(
            queue, new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });

        await sender.SendMessageAsync(new ServiceBusMessage("first") { MessageId = "same" });
        await sender.SendMessagesAsync(
            [new ServiceBusMessage("second") { MessageId = "same" }, new ServiceBusMessage("other") { MessageId = "other" }]);

        Assert.Equal(["first", "other"], (await ReceiveAsync(receiver, 2)).Select(message => message.Body.ToString()));
        await sender.SendMessageAsync(new ServiceBusMessage("third") { MessageId = "same" });
        await AssertNothingArrivesAsync(receiver);

        await PassAsync(TimeSpan.FromSeconds(25));
        await sender.SendMessageAsync(new ServiceBusMessage("fourth") { MessageId = "same" });
        Assert.Equal("fourth", (await ReceiveAsync(receiver)).Body.ToString());
    }

    [Fact]
    public async Task A_queue_forwards_to_another()
    {
        var target = await CreateQueueAsync();
        var queue = await CreateQueueAsync(options => options.ForwardTo = target);

        await SendAsync(queue, "through");

        Assert.Equal("through", (await ReceiveAsync(Receiver(target))).Body.ToString());
        Assert.Equal(0, (await CountsAsync(queue)).ActiveMessageCount);
    }

    [Fact]
    public async Task What_cannot_be_forwarded_waits_in_the_transfer_dead_letter_queue()
    {
        var target = await CreateQueueAsync();
        var queue = await CreateQueueAsync(options => options.ForwardTo = target);
        await Admin.DeleteQueueAsync(target);

        await SendAsync(queue, "stranded");

        var receiver = Receiver(queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.TransferDeadLetter });
        var stranded = await ReceiveAsync(receiver);
        Assert.Equal("stranded", stranded.Body.ToString());
        Assert.NotNull(stranded.DeadLetterReason);
        var counts = await CountsAsync(queue);
        Assert.Equal(
            (0, 0, 0, 1),
            (counts.ActiveMessageCount, counts.DeadLetterMessageCount, counts.TransferMessageCount, counts.TransferDeadLetterMessageCount));
        await receiver.CompleteMessageAsync(stranded);
        Assert.Equal(0, (await CountsAsync(queue)).TotalMessageCount);
    }

    [Fact]
    public async Task A_queue_forwards_its_dead_letters()
    {
        var target = await CreateQueueAsync();
        var queue = await CreateQueueAsync(options => options.ForwardDeadLetteredMessagesTo = target);
        await SendAsync(queue, "bad");
        var receiver = Receiver(queue);

        await receiver.DeadLetterMessageAsync(await ReceiveAsync(receiver), "reason");

        var forwarded = await ReceiveAsync(Receiver(target));
        Assert.Equal(("bad", "reason", queue), (forwarded.Body.ToString(), forwarded.DeadLetterReason, forwarded.DeadLetterSource));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_source_of_a_dead_letter_is_in_lower_case(bool isForwarded)
    {
        var target = await CreateQueueAsync();
        var name = $"Contract.Orders-{Guid.NewGuid():N}";
        await CreateQueueAsync(options => (options.Name, options.ForwardDeadLetteredMessagesTo) = (name, isForwarded ? target : null));
        await SendAsync(name, "bad");
        var receiver = Receiver(name);

        await receiver.DeadLetterMessageAsync(await ReceiveAsync(receiver));

        var dead = await ReceiveAsync(isForwarded ? Receiver(target) : DeadLetterReceiver(name));
        Assert.Equal(name.ToLowerInvariant(), dead.DeadLetterSource);
    }
}
