using Amqp;
using Amqp.Framing;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Diagnostics;
using Azure.Messaging.ServiceBus.Transport;

namespace KedaJobs.Tests.Offline;

public sealed class ClientBatchTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(300)]
    public void The_size_is_what_travels(int count)
    {
        var (batch, store) = Batch(long.MaxValue);
        for (var i = 0; i < count; i++)
        {
            var body = new string('x', i * 3);
            Assert.True(batch.TryAddMessage(new ServiceBusMessage(body) { MessageId = $"m{i}", ApplicationProperties = { ["i"] = i } }));
        }

        Assert.Equal(count, batch.Count);
        var sent = store.ToAmqp();
        if (count > 1)
        {
            Assert.Equal(MessageConverter.BatchFormat, sent.Format);
            Assert.Equal(sent.Encode().Length, batch.SizeInBytes);
        }
        else
        {
            Assert.Equal(0u, sent.Format);
        }
    }

    [Fact]
    public void A_message_that_does_not_fit_is_left_out()
    {
        var (batch, store) = Batch(500);

        Assert.True(batch.TryAddMessage(new ServiceBusMessage(new byte[300]) { MessageId = "a" }));
        var size = batch.SizeInBytes;
        Assert.False(batch.TryAddMessage(new ServiceBusMessage(new byte[300]) { MessageId = "b" }));
        Assert.True(batch.TryAddMessage(new ServiceBusMessage(new byte[10]) { MessageId = "c" }));

        Assert.Equal(2, batch.Count);
        Assert.InRange(batch.SizeInBytes, size + 1, 500);
        Assert.Equal(2, ((DataList)store.ToAmqp().BodySection).Count);
    }

    [Fact]
    public void A_first_message_that_does_not_fit_leaves_the_batch_empty()
    {
        var (batch, _) = Batch(100);

        Assert.False(batch.TryAddMessage(new ServiceBusMessage(new byte[200])));
        Assert.Equal(0, batch.Count);
        Assert.Equal(0, batch.SizeInBytes);
        Assert.True(batch.TryAddMessage(new ServiceBusMessage(new byte[2])));
    }

    [Fact]
    public void Each_data_section_holds_a_whole_message()
    {
        var (batch, store) = Batch(long.MaxValue);
        batch.TryAddMessage(new ServiceBusMessage("one") { MessageId = "1", SessionId = "s", PartitionKey = "s" });
        batch.TryAddMessage(new ServiceBusMessage("two") { MessageId = "2", SessionId = "s", PartitionKey = "s" });

        var envelope = Message.Decode(store.ToAmqp().Encode());

        Assert.Equal("1", envelope.Properties.MessageId);
        Assert.Equal("s", envelope.Properties.GroupId);
        Assert.Equal("s", envelope.MessageAnnotations[new Amqp.Types.Symbol("x-opt-partition-key")]);
        var second = Message.Decode(((DataList)envelope.BodySection)[1].Buffer);
        Assert.Equal("2", second.Properties.MessageId);
    }

    [Fact]
    public void A_batch_that_is_being_sent_takes_nothing()
    {
        var (batch, _) = Batch(long.MaxValue);
        batch.Lock();

        Assert.Throws<InvalidOperationException>(() => batch.TryAddMessage(new ServiceBusMessage()));
        Assert.Throws<InvalidOperationException>(batch.Dispose);
        batch.Unlock();
        Assert.True(batch.TryAddMessage(new ServiceBusMessage()));
        batch.Dispose();
        Assert.Equal(0, batch.Count);
    }

    [Fact]
    public void The_model_factorys_batch_shows_what_was_added()
    {
        var added = new List<ServiceBusMessage>();
        var batch = ServiceBusModelFactory.ServiceBusMessageBatch(42, added, new CreateMessageBatchOptions { MaxSizeInBytes = 99 }, message => message.MessageId != "no");

        Assert.True(batch.TryAddMessage(new ServiceBusMessage { MessageId = "yes" }));
        Assert.False(batch.TryAddMessage(new ServiceBusMessage { MessageId = "no" }));
        Assert.Equal("yes", Assert.Single(added).MessageId);
        Assert.Equal((42, 99), (batch.SizeInBytes, batch.MaxSizeInBytes));
    }

    [Theory]
    [InlineData(1000, 2000, false)]
    [InlineData(2000, 1000, true)]
    [InlineData(1000, 1010, true)]
    public void A_message_is_measured_before_it_is_sent(int bodySize, int limit, bool isAbove)
    {
        var message = MessageConverter.ToAmqp(new ServiceBusMessage(new byte[bodySize]) { MessageId = "an id that costs some bytes as well" });

        Assert.Equal(isAbove ? message.Encode().Length : null, MessageConverter.SizeIfAbove(message, limit));
    }

    [Fact]
    public void Long_properties_are_measured_too()
    {
        var message = MessageConverter.ToAmqp(new ServiceBusMessage { ApplicationProperties = { ["p"] = new string('ß', 700) } });

        Assert.NotNull(MessageConverter.SizeIfAbove(message, 1000));
    }

    private static (ServiceBusMessageBatch Batch, EncodedMessages Store) Batch(long limit)
    {
        var store = new EncodedMessages(new MessagingInstrumentation("localhost", "jobs"));
        return (new ServiceBusMessageBatch(limit, store), store);
    }
}
