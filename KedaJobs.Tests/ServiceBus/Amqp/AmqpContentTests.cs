using Amqp;
using Amqp.Framing;
using KedaJobs.ServiceBus.Amqp;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.Tests.ServiceBus.Amqp;

public sealed class AmqpContentTests
{
    private static readonly DateTime Now = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("005374 a10161")] // Application properties that are a text, an empty list, a list: settlement could not add to them.
    [InlineData("005374 45")]
    [InlineData("005374 c0 07 02 a10161 a10162")]
    [InlineData("005372 45")] // Annotations that are a list.
    [InlineData("005370 c1 01 00")] // A header and properties that are maps.
    [InlineData("005373 c1 01 00")]
    public void Sections_of_another_type_are_refused(string message) =>
        Assert.Throws<WireFormatException>(() => AmqpContent.Parse(Bytes(message)));

    [Fact]
    public void A_creation_time_at_the_end_of_time_does_not_fail_the_delivery()
    {
        // creation-time 9999-12-31, absolute-expiry-time 1970: the queue's time to live counts, and cannot be added to the creation time.
        var content = AmqpContent.Parse(Bytes("005373 c01b 0a 40404040404040 40 83 0000000000000000 83 7fffffffffffffff"));

        var delivered = Deliver(content, TimeSpan.FromHours(1));

        Assert.Equal(DateTime.MaxValue.Date, delivered.Expiry!.Value.CreationTime.Date);
        Assert.Equal(TimeSpan.FromHours(1), delivered.TimeToLive);
    }

    [Theory]
    [InlineData("005373 c003 01 a100")]
    [InlineData("005373 c006 01 b100000000")]
    [InlineData("005373 c002 01 40")]
    [InlineData("")]
    public void An_id_without_characters_is_replaced_by_one_that_identifies(string message)
    {
        var first = AmqpContent.Parse(Bytes(message));
        var second = AmqpContent.Parse(Bytes(message));

        Assert.Matches("^[0-9a-f]{32}$", first.MessageId);
        Assert.NotEqual(first.MessageId, second.MessageId);
    }

    [Fact]
    public void Properties_are_added_whatever_the_message_looked_like()
    {
        byte[] sent = Encode(new Message("body") { ApplicationProperties = new ApplicationProperties { ["kept"] = 1 } });

        var changed = AmqpContent.Parse(sent).WithProperties([new("DeadLetterReason", "r")]);

        var properties = AmqpRequest.Decode(changed.Encoded.Span).ApplicationProperties;
        Assert.Equal((1, "r"), (properties["kept"], properties["DeadLetterReason"]));
    }

    private static AmqpContent Deliver(AmqpContent content, TimeSpan timeToLive) =>
        AmqpContent.Parse(DeliveryEncoder.Encode(new MessageSnapshot
        {
            Content = content,
            SequenceNumber = 1,
            EnqueuedSequenceNumber = 1,
            EnqueuedTime = Now,
            ExpiresAt = Now + timeToLive,
            DeliveryCount = 0,
            State = MessageState.Active,
            LockToken = Guid.Empty,
            LockedUntil = null,
            DeadLetterSource = null,
        }));

    private static byte[] Encode(Message message)
    {
        var buffer = message.Encode();
        return buffer.Buffer.AsSpan(buffer.Offset, buffer.Length).ToArray();
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
