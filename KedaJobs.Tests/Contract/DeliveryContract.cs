using Azure.Messaging.ServiceBus;

namespace KedaJobs.Tests.Contract;

/// <summary>The sections of a message that the broker writes or changes on the way: header, delivery annotations, times.</summary>
public sealed class DeliveryContract : ServiceBusContract
{
    private const string LockToken = "x-opt-lock-token";

    [Fact]
    public async Task Delivery_annotations_arrive_together_with_the_lock_token()
    {
        var queue = await CreateQueueAsync();
        var message = new ServiceBusMessage("annotated");
        message.GetRawAmqpMessage().DeliveryAnnotations["route"] = "north";
        message.GetRawAmqpMessage().DeliveryAnnotations["nothing"] = null;
        message.GetRawAmqpMessage().DeliveryAnnotations[LockToken] = Guid.NewGuid();
        await Sender(queue).SendMessageAsync(message);

        var received = await ReceiveAsync(Receiver(queue));

        var annotations = received.GetRawAmqpMessage().DeliveryAnnotations;
        Assert.Equal("north", annotations["route"]);
        Assert.Null(annotations["nothing"]);
        Assert.Equal(Guid.Parse(received.LockToken), annotations[LockToken]);
    }

    [Fact]
    public async Task A_message_that_is_sent_on_keeps_its_delivery_annotations()
    {
        var queue = await CreateQueueAsync();
        var message = new ServiceBusMessage("again");
        message.GetRawAmqpMessage().DeliveryAnnotations["route"] = "north";

        // As in a message that was received before: what only a broker sets is left out, the rest is not.
        message.GetRawAmqpMessage().MessageAnnotations["x-opt-sequence-number"] = 7L;
        await Sender(queue).SendMessageAsync(message);

        var received = (await ReceiveAsync(Receiver(queue))).GetRawAmqpMessage();

        Assert.Equal("north", received.DeliveryAnnotations["route"]);
        Assert.Equal(1L, received.MessageAnnotations["x-opt-sequence-number"]);
    }

    [Fact]
    public async Task Peeking_at_a_locked_message_does_not_show_its_lock_token()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "locked");
        var receiver = Receiver(queue);
        await ReceiveAsync(receiver);

        var peeked = await receiver.PeekMessageAsync();

        Assert.DoesNotContain(LockToken, peeked.GetRawAmqpMessage().DeliveryAnnotations.Keys);
    }

    [Fact]
    public async Task A_first_acquirer_is_the_first_receiver_only()
    {
        var queue = await CreateQueueAsync();
        var message = new ServiceBusMessage("first");
        message.GetRawAmqpMessage().Header.FirstAcquirer = true;
        await Sender(queue).SendMessageAsync(message);
        var receiver = Receiver(queue);

        var first = await ReceiveAsync(receiver);
        await receiver.AbandonMessageAsync(first);
        var second = await ReceiveAsync(receiver);

        Assert.True(first.GetRawAmqpMessage().Header.FirstAcquirer);
        Assert.False(second.GetRawAmqpMessage().Header.FirstAcquirer);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task A_message_says_when_it_expires_where_the_queue_decides_that(int days)
    {
        var timeToLive = TimeSpan.FromDays(days);
        var queue = await CreateQueueAsync(options => options.DefaultMessageTimeToLive = timeToLive);
        await SendAsync(queue, "expires");

        var received = await ReceiveAsync(Receiver(queue));

        // A header has no room for more than 49 days.
        var properties = received.GetRawAmqpMessage().Properties;
        Assert.Equal(timeToLive, received.TimeToLive);
        Assert.Equal(properties.CreationTime + timeToLive, properties.AbsoluteExpiryTime);
        Assert.Equal(properties.AbsoluteExpiryTime, received.ExpiresAt);
        Assert.Equal("expires", received.Body.ToString());
    }

    [Fact]
    public async Task The_time_of_the_expiry_leaves_the_other_properties_alone()
    {
        var queue = await CreateQueueAsync(options => options.DefaultMessageTimeToLive = TimeSpan.FromDays(1));
        var message = new ServiceBusMessage("all")
        {
            MessageId = "id",
            Subject = "subject",
            To = "to",
            ReplyTo = "reply",
            CorrelationId = "correlation",
            ContentType = "text/plain",
            SessionId = "session",
            ReplyToSessionId = "back",
            ApplicationProperties = { ["color"] = "red" },
        };
        var created = Now.AddMinutes(-5);
        var sent = message.GetRawAmqpMessage().Properties;
        (sent.ContentEncoding, sent.GroupSequence, sent.UserId, sent.CreationTime) = ("gzip", 5, new byte[] { 1, 2 }, created);
        await Sender(queue).SendMessageAsync(message);

        var received = await ReceiveAsync(Receiver(queue));

        var properties = received.GetRawAmqpMessage().Properties;
        Assert.Equal(
            ("id", "subject", "to", "reply", "correlation", "text/plain", "session", "back"),
            (received.MessageId, received.Subject, received.To, received.ReplyTo, received.CorrelationId, received.ContentType,
                received.SessionId, received.ReplyToSessionId));
        Assert.Equal(("gzip", 5u), (properties.ContentEncoding, properties.GroupSequence));
        Assert.Equal([1, 2], properties.UserId!.Value.ToArray());
        Assert.Equal(created.ToUnixTimeMilliseconds(), properties.CreationTime!.Value.ToUnixTimeMilliseconds());
        Assert.Equal(properties.CreationTime + TimeSpan.FromDays(1), properties.AbsoluteExpiryTime);
        Assert.Equal(("red", "all"), (received.ApplicationProperties["color"], received.Body.ToString()));
    }

    [Fact]
    public async Task A_dead_letter_reason_that_is_no_text_is_a_property()
    {
        var queue = await CreateQueueAsync();
        await SendAsync(queue, "odd");
        var receiver = Receiver(queue);
        await receiver.DeadLetterMessageAsync(await ReceiveAsync(receiver), new Dictionary<string, object>
        {
            ["DeadLetterReason"] = 42,
            ["DeadLetterErrorDescription"] = Guid.Empty,
            ["other"] = "kept",
        });

        var dead = await ReceiveAsync(DeadLetterReceiver(queue));

        Assert.Null(dead.DeadLetterReason);
        Assert.Null(dead.DeadLetterErrorDescription);
        Assert.Equal(42, dead.ApplicationProperties["DeadLetterReason"]);
        Assert.Equal(Guid.Empty, dead.ApplicationProperties["DeadLetterErrorDescription"]);
        Assert.Equal("kept", dead.ApplicationProperties["other"]);
    }
}
