using Amqp;
using Amqp.Framing;
using Amqp.Types;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Transport;
using CsCheck;

namespace KedaJobs.Tests.Offline;

public sealed class ClientMessageTests
{
    public static TheoryData<object> PropertyValues => new()
    {
        true,
        (byte)200,
        (sbyte)-5,
        (short)-300,
        (ushort)60000,
        -70000,
        70000u,
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
        new DateTime(2024, 2, 29, 23, 59, 58, 123, DateTimeKind.Utc),
        123456789.0123456789m,
        -79228162514264337593543950335m,
    };

    [Theory]
    [MemberData(nameof(PropertyValues))]
    public void An_application_property_arrives_as_it_was(object value)
    {
        var received = RoundTrip(new ServiceBusMessage { ApplicationProperties = { ["p"] = value } });

        Assert.Equal(value, received.ApplicationProperties["p"]);
        Assert.IsType(value.GetType(), received.ApplicationProperties["p"]);
    }

    [Fact]
    public void Any_decimal_arrives_as_it_was() => Gen.Decimal.Sample(number =>
    {
        ValueConverter.TryToAmqp(number, out var converted);
        return decimal.Equals(number, (decimal)ValueConverter.ToNet(converted));
    });

    [Fact]
    public void Types_that_amqp_lacks_travel_described()
    {
        var sent = MessageConverter.ToAmqp(new ServiceBusMessage { ApplicationProperties = { ["span"] = TimeSpan.FromTicks(7), ["none"] = null } });

        var described = Assert.IsType<DescribedValue>(sent.ApplicationProperties["span"]);
        Assert.Equal(new Symbol("com.microsoft:timespan"), described.Descriptor);
        Assert.Equal(7L, described.Value);
        Assert.Null(sent.ApplicationProperties["none"]);
    }

    [Fact]
    public void A_type_that_cannot_travel_is_refused_by_name()
    {
        var error = Assert.Throws<NotSupportedException>(
            () => MessageConverter.ToAmqp(new ServiceBusMessage { ApplicationProperties = { ["version"] = new Version(1, 2) } }));

        Assert.Contains("version", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_property_arrives_as_it_was()
    {
        var due = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.FromHours(2));
        var received = RoundTrip(new ServiceBusMessage("body")
        {
            MessageId = "id",
            CorrelationId = "correlation",
            ContentType = "text/plain",
            Subject = "subject",
            To = "to",
            ReplyTo = "results",
            SessionId = "session",
            ReplyToSessionId = "reply-session",
            PartitionKey = "session",
            TransactionPartitionKey = "via",
            ScheduledEnqueueTime = due,
            TimeToLive = TimeSpan.FromMinutes(3),
        });

        Assert.Equal("body", received.Body.ToString());
        Assert.Equal("id", received.MessageId);
        Assert.Equal("correlation", received.CorrelationId);
        Assert.Equal("text/plain", received.ContentType);
        Assert.Equal("subject", received.Subject);
        Assert.Equal("to", received.To);
        Assert.Equal("results", received.ReplyTo);
        Assert.Equal("session", received.SessionId);
        Assert.Equal("reply-session", received.ReplyToSessionId);
        Assert.Equal("session", received.PartitionKey);
        Assert.Equal("via", received.TransactionPartitionKey);
        Assert.Equal(due, received.ScheduledEnqueueTime);
        Assert.Equal(TimeSpan.FromMinutes(3), received.TimeToLive);
    }

    [Fact]
    public void What_was_not_set_does_not_travel()
    {
        var sent = MessageConverter.ToAmqp(new ServiceBusMessage("x"));

        Assert.Null(sent.Header);
        Assert.Null(sent.MessageAnnotations);
        Assert.Null(sent.ApplicationProperties);
        Assert.False(sent.Properties.HasField(0));
        var received = RoundTrip(new ServiceBusMessage("x"));
        Assert.Equal(TimeSpan.MaxValue, received.TimeToLive);
        Assert.Null(received.MessageId);
        Assert.Equal(DateTimeOffset.MaxValue, received.ExpiresAt);
    }

    [Fact]
    public void Time_to_live_is_in_the_header_and_the_expiry_beside_it()
    {
        var sent = MessageConverter.ToAmqp(new ServiceBusMessage { TimeToLive = TimeSpan.FromSeconds(90) });

        Assert.Equal(90_000u, sent.Header.Ttl);
        Assert.Equal(TimeSpan.FromSeconds(90), sent.Properties.AbsoluteExpiryTime - sent.Properties.CreationTime);
    }

    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 2)]
    public void A_received_message_counts_its_own_delivery_and_a_peeked_one_does_not(bool isPeeked, int expected)
    {
        var message = new Message { Header = new Header { DeliveryCount = 2 }, BodySection = new Data { Binary = [1] } };

        Assert.Equal(expected, MessageConverter.FromAmqp(message, Guid.Empty, isPeeked).DeliveryCount);
    }

    [Fact]
    public void The_brokers_annotations_become_properties()
    {
        var time = new DateTime(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc);
        var message = new Message
        {
            BodySection = new Data { Binary = [] },
            MessageAnnotations = new MessageAnnotations
            {
                Map =
                {
                    [new Symbol("x-opt-sequence-number")] = 17L,
                    [new Symbol("x-opt-enqueue-sequence-number")] = 16L,
                    [new Symbol("x-opt-enqueued-time")] = time,
                    [new Symbol("x-opt-locked-until")] = time.AddMinutes(1),
                    [new Symbol("x-opt-deadletter-source")] = "jobs",
                    [new Symbol("x-opt-message-state")] = 1,
                },
            },
        };
        var token = Guid.NewGuid();

        var received = MessageConverter.FromAmqp(message, token, isPeeked: false);

        Assert.Equal(17, received.SequenceNumber);
        Assert.Equal(16, received.EnqueuedSequenceNumber);
        Assert.Equal(new DateTimeOffset(time), received.EnqueuedTime);
        Assert.Equal(new DateTimeOffset(time).AddMinutes(1), received.LockedUntil);
        Assert.Equal("jobs", received.DeadLetterSource);
        Assert.Equal(ServiceBusMessageState.Deferred, received.State);
        Assert.Equal(token.ToString(), received.LockToken);
    }

    [Fact]
    public void Several_data_sections_read_as_one_body()
    {
        var list = new DataList();
        list.Add(new Data { Binary = [1, 2] });
        list.Add(new Data { Binary = [3] });

        var received = MessageConverter.FromAmqp(Decode(new Message { BodySection = list }.Encode()), Guid.Empty, isPeeked: false);

        Assert.Equal(new byte[] { 1, 2, 3 }, received.Body.ToArray());
    }

    [Fact]
    public void A_value_body_is_kept_but_has_no_bytes()
    {
        var received = MessageConverter.FromAmqp(Decode(new Message("value").Encode()), Guid.Empty, isPeeked: false);

        Assert.Throws<NotSupportedException>(() => received.Body);
        Assert.Equal("value", MessageConverter.ToAmqp(new ServiceBusMessage(received)).Body);
    }

    [Fact]
    public void A_copy_of_a_dead_lettered_message_forgets_why()
    {
        var received = ServiceBusModelFactory.ServiceBusReceivedMessage(
            body: BinaryData.FromString("b"),
            messageId: "id",
            properties: new Dictionary<string, object> { ["DeadLetterReason"] = "r", ["DeadLetterErrorDescription"] = "d", ["own"] = 1 });

        var copy = new ServiceBusMessage(received);

        Assert.Equal("id", copy.MessageId);
        Assert.Equal(["own"], copy.ApplicationProperties.Keys);
        Assert.Equal("r", received.DeadLetterReason);
        Assert.Equal("d", received.DeadLetterErrorDescription);
    }

    [Fact]
    public void Ids_are_limited_and_a_session_is_its_own_partition()
    {
        var message = new ServiceBusMessage { SessionId = "s" };

        Assert.Throws<ArgumentOutOfRangeException>(() => message.PartitionKey = "other");
        Assert.Throws<ArgumentOutOfRangeException>(() => message.MessageId = new string('x', 129));
        Assert.Throws<ArgumentOutOfRangeException>(() => message.SessionId = new string('x', 129));
        Assert.Throws<ArgumentException>(() => message.MessageId = "");
        Assert.Throws<ArgumentOutOfRangeException>(() => message.TimeToLive = TimeSpan.Zero);
    }

    private static ServiceBusReceivedMessage RoundTrip(ServiceBusMessage message) =>
        MessageConverter.FromAmqp(Decode(MessageConverter.ToAmqp(message).Encode()), Guid.Empty, isPeeked: false);

    private static Message Decode(ByteBuffer buffer) => Message.Decode(buffer);
}
