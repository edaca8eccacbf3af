using System.Text;
using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Amqp;
using KedaJobs.ServiceBus.Amqp.Framing;
using KedaJobs.Tests.ServiceBus.Wire;
using Microsoft.Extensions.Time.Testing;
using static KedaJobs.Tests.ServiceBus.Wire.RawConnection;

namespace KedaJobs.Tests.ServiceBus.Amqp;

/// <summary>
/// Connections, sessions and links as AMQP 1.0 part 2 has them: windows, credit, messages in several frames, and what ends what.
/// </summary>
public sealed class SessionLayerTests : IAsyncLifetime
{
    private const byte AttachFrame = 0x12, FlowFrame = 0x13, TransferFrame = 0x14;
    private const byte DispositionFrame = 0x15, DetachFrame = 0x16, EndFrame = 0x17;

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private ServiceBusBroker _broker = null!;
    private LiteClient _client = null!;

    public async Task InitializeAsync()
    {
        _broker = await ServiceBusBroker.StartAsync(
            new BrokerOptions { Queues = [new QueueOptions { Name = "jobs", MaxDeliveryCount = 1 }] }, timeProvider: _time);
        _client = await LiteClient.AsManagerAsync(_broker);
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Nothing_is_locked_that_the_window_of_the_session_does_not_let_out()
    {
        await SendAsync(10);
        using var client = await ReceiverAsync(window: 3);
        await client.SendAsync(Flow(0, 3, (0, 0, 100)));
        Assert.Equal(3, await TransfersAsync(client, next: 0, window: 3));
        Assert.Equal(3, await LockedAsync());

        await client.SendAsync(Flow(3, 2, null));
        Assert.Equal(2, await TransfersAsync(client, next: 3, window: 2));
        Assert.Equal(5, await LockedAsync());
    }

    [Fact]
    public async Task A_drain_is_answered_at_once_and_what_the_window_held_back_was_never_delivered()
    {
        await SendAsync(10);
        using var client = await ReceiverAsync(window: 3);
        await client.SendAsync(Flow(0, 3, (0, 0, 100), drain: true));

        var (transfers, answer) = await UntilFlowAsync(client);
        Assert.Equal((3, 100u, 0u), (transfers, answer.DeliveryCount, answer.LinkCredit));
        Assert.True(answer.Drain);

        // MaxDeliveryCount is 1: a delivery that was counted would be the last one.
        await client.SendAsync(Accepted(0, 2));
        await client.ReadPerformativeAsync(DispositionFrame, "the settlement");
        var receiver = await _client.AttachReceiverAsync("jobs");
        receiver.SetCredit(10, autoRestore: false);
        for (var message = 3; message < 10; message++)
        {
            Assert.NotNull(await receiver.ReceiveAsync(TimeSpan.FromSeconds(20)));
        }
    }

    [Fact]
    public async Task Nothing_is_sent_without_credit()
    {
        await SendAsync(3);
        using var client = await ReceiverAsync();
        await client.SendAsync(Flow(0, 1000, (0, 0, 1)));
        Assert.Equal(1, await TransfersAsync(client, next: 0));
        await client.SendAsync(Flow(1, 1000, (0, 1, 0)));
        Assert.Equal(0, await TransfersAsync(client, next: 1));
        Assert.Equal(1, await LockedAsync());
    }

    [Fact]
    public async Task Credit_that_is_taken_back_is_not_used()
    {
        using var client = await ReceiverAsync();
        await client.SendAsync((byte[])[.. Flow(0, 1000, (0, 0, 10)), .. Flow(0, 1000, (0, 0, 0), echo: true)]);
        await client.ReadPerformativeAsync(FlowFrame, "the credit is taken back");
        await SendAsync(3);
        Assert.Equal(0, await TransfersAsync(client, next: 0));
        Assert.Equal(0, await LockedAsync());
    }

    [Theory]
    [InlineData(512u, 10_000, 1000u)]
    [InlineData(512u, 10_000, 2u)]
    [InlineData(4096u, 200_000, 1000u)]
    public async Task A_message_larger_than_a_frame_goes_in_several_as_the_window_allows(uint maxFrameSize, int size, uint window)
    {
        var sent = new byte[size];
        new Random(1).NextBytes(sent);
        var sender = await _client.AttachSenderAsync("jobs");
        await sender.SendAsync(new global::Amqp.Message { BodySection = new global::Amqp.Framing.Data { Binary = sent } });
        using var client = await ReceiverAsync(window, maxFrameSize);
        await client.SendAsync(Flow(0, window, (0, 0, 1)));

        var (message, next) = (new MemoryStream(), 0u);
        for (var more = true; more; next++)
        {
            var frame = await client.ReadPerformativeAsync(TransferFrame, $"frame {next}");
            Assert.InRange(frame.Length, 0, (int)maxFrameSize);
            more = ReadTransfer(frame, message);
            if ((next + 1) % window == 0)
            {
                await client.SendAsync(Flow(next + 1, window, null));
            }
        }

        Assert.True(message.ToArray().AsSpan().IndexOf(sent) > 0, "The message is not what was sent.");
        await client.SendAsync(Accepted(0, 0));
        await client.ReadPerformativeAsync(DispositionFrame, "the settlement");
    }

    [Fact]
    public async Task A_message_in_many_frames_is_one_message()
    {
        var message = Message(1000);
        using var client = await RawConnection.OpenAsync(_broker);
        await client.SendAsync(AttachSender(0, "jobs"));
        for (var start = 0; start < message.Length; start += 100)
        {
            var part = message[start..Math.Min(start + 100, message.Length)];
            await client.SendAsync(Transfer(0, 0, part, more: start + 100 < message.Length));
        }

        await client.ReadPerformativeAsync(DispositionFrame, "it is accepted");
        Assert.Equal(1, await ActiveAsync());
    }

    [Fact]
    public async Task A_delivery_that_its_sender_takes_back_is_forgotten()
    {
        using var client = await RawConnection.OpenAsync(_broker);
        await client.SendAsync(AttachSender(0, "jobs"));
        await client.SendAsync(Transfer(0, 0, Message(10), more: true));
        await client.SendAsync(Frame(0, 0, TransferFrame, UInt(0), UInt(0), Null, Null, Null, Null, Null, Null, Null, True));
        await client.SendAsync(Transfer(0, 1, Message(10)));

        var answer = await client.ReadPerformativeAsync(DispositionFrame, "the next one is accepted");
        Assert.Equal(1u, ReadDisposition(answer).First);
        Assert.Equal(1, await ActiveAsync());
    }

    /// <summary>
    /// The .NET client takes a delivery for accepted that is settled before the thread that sent it goes on.
    /// </summary>
    [Theory]
    [InlineData(0x25, new byte[] { 0x40 })]
    [InlineData(0x33, new byte[] { 0x00, 0x53, 0x77, 0x00, 0x53, 0x31, 0x45 })]
    public async Task What_is_not_acceptance_is_said_before_the_delivery_is_settled(byte outcome, byte[] message)
    {
        byte[] source = [0x00, 0x53, 0x28, 0x45], coordinator = [0x00, 0x53, 0x30, 0x45];
        using var client = await RawConnection.OpenAsync(_broker);
        await client.SendAsync(Frame(0, 0, AttachFrame, Text("c"), UInt(0), False, Null, Null, source, coordinator, Null, Null, UInt(0)));

        await client.SendAsync(Transfer(0, 0, message));

        foreach (var isSettled in (bool[])[false, true])
        {
            var frame = await client.ReadPerformativeAsync(DispositionFrame, "the answer");
            var answer = ReadDisposition(frame);
            Assert.Equal((true, 0u, 0u, isSettled), (answer.IsReceiver, answer.First, answer.Last, answer.Settled));
            Assert.NotEqual(-1, frame.AsSpan(11).IndexOf((byte[])[0x00, 0x53, outcome]));
        }
    }

    [Theory]
    [InlineData(0u, 4u)]
    [InlineData(0u, uint.MaxValue)]
    [InlineData(uint.MaxValue - 5, 4u)]
    public async Task One_disposition_settles_a_range_of_deliveries(uint first, uint last)
    {
        await SendAsync(5);
        using var client = await ReceiverAsync();
        await client.SendAsync(Flow(0, 1000, (0, 0, 5)));
        Assert.Equal(5, await TransfersAsync(client, next: 0));

        await client.SendAsync(Accepted(first, last));

        var answer = ReadDisposition(await client.ReadPerformativeAsync(DispositionFrame, "the answer"));
        Assert.Equal((0u, 4u, true), (answer.First, answer.Last, answer.Settled));
        Assert.Equal(0, await ActiveAsync());
    }

    [Fact]
    public async Task A_delivery_is_settled_once()
    {
        await SendAsync(2);
        using var client = await ReceiverAsync();
        await client.SendAsync(Flow(0, 1000, (0, 0, 2)));
        Assert.Equal(2, await TransfersAsync(client, next: 0));

        await client.SendAsync((byte[])[.. Accepted(0, 0), .. Accepted(0, 0), .. Accepted(7, 9), .. Accepted(1, 1)]);

        var answer = ReadDisposition(await client.ReadPerformativeAsync(DispositionFrame, "the answer"));
        Assert.Equal((0u, 1u), (answer.First, answer.Last));
    }

    [Theory]
    [InlineData("amqp:session:unattached-handle", 0)]
    [InlineData("amqp:session:unattached-handle", 1)]
    [InlineData("amqp:session:handle-in-use", 2)]
    [InlineData("amqp:not-allowed", 3)]
    public async Task An_error_in_a_session_ends_it_and_not_its_neighbours(string condition, int error)
    {
        using var client = await RawConnection.OpenAsync(_broker);
        await client.SendAsync((byte[])[.. Begin(1), .. AttachSender(0, "jobs", channel: 1), .. AttachReceiver(5, "jobs")]);
        await client.SendAsync(error switch
        {
            0 => Transfer(7, 0, Message(1)),
            1 => Flow(7, 1),
            2 => AttachSender(5, "jobs"),
            _ => Transfer(5, 0, Message(1)),
        });

        Assert.Contains(
            condition, Encoding.ASCII.GetString(await client.ReadPerformativeAsync(EndFrame, "the end of the session")),
            StringComparison.Ordinal);
        await client.SendAsync(
            (byte[])[.. Transfer(5, 1, Message(1)), .. Frame(0, 0, EndFrame), .. Transfer(0, 0, Message(1), channel: 1)]);
        await client.ReadPerformativeAsync(DispositionFrame, "the other session goes on");

        // The channel can be used again.
        await client.SendAsync((byte[])[.. Begin(0), .. AttachSender(0, "jobs"), .. Transfer(0, 0, Message(1))]);
        await client.ReadPerformativeAsync(DispositionFrame, "the new session works");
    }

    [Theory]
    [InlineData("amqp:not-allowed", 3u)]
    [InlineData("amqp:invalid-field", null)]
    public async Task A_frame_that_does_not_follow_ends_its_link_alone(string condition, uint? deliveryId)
    {
        using var client = await RawConnection.OpenAsync(_broker);
        await client.SendAsync((byte[])[.. AttachSender(0, "jobs"), .. AttachSender(1, "jobs")]);
        await client.SendAsync(deliveryId is { } id
            ? (byte[])[.. Transfer(0, 0, Message(1), more: true), .. Transfer(0, id, Message(1))]
            : Frame(0, 0, TransferFrame, UInt(0)));

        Assert.Contains(
            condition, Encoding.ASCII.GetString(await client.ReadPerformativeAsync(DetachFrame, "the end of the link")),
            StringComparison.Ordinal);
        await client.SendAsync(Transfer(1, 5, Message(1)));
        await client.ReadPerformativeAsync(DispositionFrame, "the other link goes on");
        Assert.Equal(1, await ActiveAsync());
    }

    [Fact]
    public async Task A_link_of_the_same_name_takes_the_place_of_the_first()
    {
        using var client = await RawConnection.OpenAsync(_broker);
        await client.SendAsync(AttachReceiver(0, "jobs"));
        await client.ReadPerformativeAsync(AttachFrame, "the link");
        var again = AttachReceiver(1, "jobs");
        var name = again.AsSpan().IndexOf("in-0-1"u8);
        again[name + 5] = (byte)'0';

        await client.SendAsync(again);

        Assert.Contains(
            "amqp:link:stolen", Encoding.ASCII.GetString(await client.ReadPerformativeAsync(DetachFrame, "the end of the first")),
            StringComparison.Ordinal);
        await client.ReadPerformativeAsync(AttachFrame, "the second");
        await SendAsync(1);
        await client.SendAsync(Flow(0, 1000, (1, 0, 1)));
        await client.ReadPerformativeAsync(TransferFrame, "its message");
    }

    [Fact]
    public async Task What_a_connection_held_stays_locked_when_it_ends()
    {
        await SendAsync(2);
        using (var client = await ReceiverAsync())
        {
            await client.SendAsync(Flow(0, 1000, (0, 0, 2)));
            Assert.Equal(2, await TransfersAsync(client, next: 0));
            await client.SendAsync(Frame(0, 0, 0x18));
            await client.ReadToEndAsync("the end");
        }

        Assert.Equal(2, await LockedAsync());
        Assert.Equal(2, await ActiveAsync());
    }

    /// <returns>Whether more frames follow.</returns>
    private static bool ReadTransfer(byte[] frame, Stream message)
    {
        var reader = new WireReader(frame.AsSpan(8));
        reader.ReadDescriptor();
        var transfer = KedaJobs.ServiceBus.Amqp.Framing.Transfer.Read(ref reader);
        message.Write(frame.AsSpan(8 + reader.Position));
        return transfer.More;
    }

    private static DispositionFrame ReadDisposition(byte[] frame)
    {
        var reader = new WireReader(frame.AsSpan(8));
        reader.ReadDescriptor();
        return KedaJobs.ServiceBus.Amqp.Framing.DispositionFrame.Read(ref reader);
    }

    /// <summary>What comes before the next flow, and the flow.</summary>
    private static async Task<(int Transfers, Flow Flow)> UntilFlowAsync(RawConnection client)
    {
        for (var transfers = 0; ;)
        {
            var frame = await client.ReadFrameAsync("a flow");
            if (frame.Length > 10 && frame[5] == 0 && frame[10] == FlowFrame)
            {
                return (transfers, Read(frame));
            }

            transfers += frame.Length > 10 && frame[10] == TransferFrame ? 1 : 0;
        }

        static Flow Read(byte[] frame)
        {
            var reader = new WireReader(frame.AsSpan(8));
            reader.ReadDescriptor();
            return KedaJobs.ServiceBus.Amqp.Framing.Flow.Read(ref reader);
        }
    }

    /// <summary>How many transfers there are up to the answer to a question that is asked now.</summary>
    private static async Task<int> TransfersAsync(RawConnection client, uint next, uint window = 1000)
    {
        await client.SendAsync(Flow(next, window, null, echo: true));
        return (await UntilFlowAsync(client)).Transfers;
    }

    private async Task<RawConnection> ReceiverAsync(uint window = 1000, uint maxFrameSize = 65536)
    {
        var client = await RawConnection.AuthenticatedAsync(_broker);
        await client.SendAsync((byte[])[.. Open(maxFrameSize), .. Begin(0, window), .. AttachReceiver(0, "jobs")]);
        await client.ReadPerformativeAsync(AttachFrame, "the link");
        return client;
    }

    private async Task SendAsync(int count)
    {
        var sender = await _client.AttachSenderAsync("jobs");
        for (var message = 0; message < count; message++)
        {
            await sender.SendAsync(new global::Amqp.Message($"{message}"));
        }
    }

    private async Task<int> LockedAsync() =>
        (await PeekAsync()).Count(message => message.MessageAnnotations[(global::Amqp.Types.Symbol)"x-opt-locked-until"] is not null);

    private async Task<int> ActiveAsync() => (await PeekAsync()).Count;

    private async Task<List<global::Amqp.Message>> PeekAsync()
    {
        var peeked = await _client.RequestAsync(
            "jobs/$management", "com.microsoft:peek-message", LiteClient.Body(("from-sequence-number", 0L), ("message-count", 100)));
        return peeked.Body is not global::Amqp.Types.Map map
            ? []
            : [.. ((global::Amqp.Types.List)map["messages"]).Cast<global::Amqp.Types.Map>().Select(entry => (byte[])entry["message"])
                .Select(bytes => global::Amqp.Message.Decode(new global::Amqp.ByteBuffer(bytes, 0, bytes.Length, bytes.Length)))];
    }
}
