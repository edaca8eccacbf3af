using System.Buffers.Binary;
using System.Text;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.ServiceBus.Wire;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.ServiceBus.Limits;

/// <summary>What a single connection may do, and that what it may not ends it alone.</summary>
public sealed class ConnectionLimitTests : IAsyncLifetime
{
    private const byte BeginFrame =
        0x11, AttachFrame = 0x12, FlowFrame = 0x13, TransferFrame = 0x14, DispositionFrame = 0x15, CloseFrame = 0x18;

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private ServiceBusBroker _broker = null!;

    public static TheoryData<string, byte[]> Forbidden => new()
    {
        { "amqp:connection:framing-error", [0, 0, 0, 7, 2, 0, 0, 0] },
        { "amqp:connection:framing-error", [0, 1, 0, 1, 2, 0, 0, 0] },
        { "amqp:connection:framing-error", [0, 0, 0, 8, 3, 0, 0, 0] },
        { "amqp:connection:framing-error", [0, 0, 0, 8, 1, 0, 0, 0] },
        { "amqp:connection:framing-error", [0, 0, 0, 8, 2, 1, 0, 0] },
        { "amqp:connection:framing-error", RawConnection.AttachSender(5000, "jobs") },
        { "amqp:decode-error", [0, 0, 0, 12, 2, 0, 0, 0, 0x00, 0x53, 0x14, 0x40] },
        { "amqp:decode-error", [0, 0, 1, 0, 2, 0, 0, 0, .. new byte[248]] },
        { "amqp:decode-error", RawConnection.Frame(0, 0, 0x77) },
        { "amqp:illegal-state", RawConnection.AttachSender(0, "jobs", channel: 9) },
        { "amqp:illegal-state", RawConnection.Begin(0) },
        { "amqp:illegal-state", RawConnection.Open() },
        {
            "amqp:not-allowed",
            RawConnection.Frame(0, 1, 0x11, [0x60, 0, 0], RawConnection.UInt(0), RawConnection.UInt(1), RawConnection.UInt(1))
        },
    };

    public async Task InitializeAsync() => _broker = await ServiceBusBroker.StartAsync(
        new BrokerOptions { Queues = [new QueueOptions { Name = "jobs" }] }, timeProvider: _time);

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Theory]
    [MemberData(nameof(Forbidden))]
    public async Task A_malformed_or_misplaced_frame_closes_its_connection_alone(string condition, byte[] frame)
    {
        using var good = await RawConnection.OpenAsync(_broker);
        await good.SendAsync(RawConnection.AttachSender(0, "jobs"));
        using var bad = await RawConnection.OpenAsync(_broker);
        await bad.ReadPerformativeAsync(BeginFrame, "the session");

        await bad.SendAsync(frame);

        Assert.Contains(
            condition, Encoding.ASCII.GetString(await bad.ReadPerformativeAsync(CloseFrame, "the close")), StringComparison.Ordinal);
        Assert.Empty(await bad.ReadToEndAsync("the end"));
        await good.SendAsync(RawConnection.Transfer(0, 0, RawConnection.Message(10)));
        await good.ReadPerformativeAsync(DispositionFrame, "the other connection goes on");
    }

    [Theory]
    [InlineData(511u, null, "amqp:invalid-field")]
    [InlineData(40u, null, "amqp:invalid-field")]
    [InlineData(65536u, 999u, "amqp:not-allowed")]
    public async Task An_open_that_no_connection_could_keep_is_refused(uint maxFrameSize, uint? idleTimeout, string condition)
    {
        using var connection = await RawConnection.AuthenticatedAsync(_broker);

        await connection.SendAsync(RawConnection.Open(maxFrameSize, idleTimeout));

        Assert.Contains(condition, Encoding.ASCII.GetString(await connection.ReadToEndAsync("the end")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_begins_with_open()
    {
        using var connection = await RawConnection.AuthenticatedAsync(_broker);

        await connection.SendAsync(RawConnection.Begin(0));

        Assert.Contains(
            "amqp:illegal-state", Encoding.ASCII.GetString(await connection.ReadToEndAsync("the end")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("AM")]
    [InlineData("AMQP\x03\x01\x00\x00")]
    [InlineData("AMQP\x03\x01\x00\x00\x00\x00")]
    [InlineData("AMQP\x00\x01\x00\x00")]
    [InlineData("AMQP\x00\x01\x00\x00\x00\x00\x00\x20\x02\x00")]
    public async Task A_client_that_stops_before_its_open_is_dropped(string said)
    {
        using var connection = await RawConnection.ConnectAsync(_broker);
        await connection.SendAsync(Encoding.Latin1.GetBytes(said));
        var end = connection.ReadToEndAsync("the end");

        await Eventually.SucceedsAsync("it is dropped", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            Assert.True(end.IsCompleted);
        });
    }

    [Fact]
    public async Task A_client_that_does_not_read_its_end_is_dropped_all_the_same()
    {
        using var connection = await RawConnection.OpenAsync(_broker);
        using var filler = await RawConnection.OpenAsync(_broker);
        await FillAsync(filler, messages: 300, size: 60_000);
        await connection.SendAsync(
            (byte[])[.. RawConnection.AttachReceiver(0, "jobs"), .. RawConnection.Flow(0, 1000), .. RawConnection.Frame(0, 0, CloseFrame)]);

        // What is sent to a closed socket is answered with a reset.
        await Eventually.SucceedsAsync("the broker has given the connection up", async () =>
        {
            _time.Advance(TimeSpan.FromSeconds(11));
            Assert.False(await connection.TrySendAsync(new byte[8]));
        });
    }

    [Fact]
    public async Task A_receiver_that_does_not_read_does_not_take_the_queue_from_others()
    {
        const int Messages = 800, Size = 60_000;
        using var filler = await RawConnection.OpenAsync(_broker);
        await FillAsync(filler, Messages, Size);
        using var slow = await RawConnection.OpenAsync(_broker);
        await slow.SendAsync((byte[])[.. RawConnection.AttachReceiver(0, "jobs"), .. RawConnection.Flow(0, uint.MaxValue)]);
        await slow.ReadPerformativeAsync(AttachFrame, "the attach");
        await slow.ReadPerformativeAsync(TransferFrame, "the first message");

        using var other = await RawConnection.OpenAsync(_broker);
        await other.SendAsync((byte[])[.. RawConnection.AttachReceiver(0, "jobs"), .. RawConnection.Flow(0, Messages / 2)]);

        for (var message = 0; message < Messages / 2; message++)
        {
            await other.ReadPerformativeAsync(TransferFrame, $"message {message} of the other receiver");
        }

        // When it reads on, it gets what the other one left.
        for (var message = 1; message < Messages / 2; message++)
        {
            await slow.ReadPerformativeAsync(TransferFrame, $"message {message} of the slow receiver");
        }
    }

    [Fact]
    public async Task A_flood_of_credit_and_drains_is_answered_and_does_no_harm()
    {
        const int Flows = 5000;
        using var connection = await RawConnection.OpenAsync(_broker);
        await connection.SendAsync(RawConnection.AttachReceiver(0, "jobs"));
        var drain = RawConnection.Frame(
            0, 0, FlowFrame, RawConnection.UInt(0), RawConnection.UInt(int.MaxValue), RawConnection.UInt(0),
            RawConnection.UInt(int.MaxValue),
            RawConnection.UInt(0), RawConnection.UInt(0), RawConnection.UInt(uint.MaxValue), RawConnection.Null, RawConnection.True);

        var sending = connection.SendAsync(Enumerable.Repeat(drain, Flows).SelectMany(frame => frame).ToArray());
        var deliveryCount = 0u;
        for (var flow = 0; flow < Flows; flow++)
        {
            // size, offset, type, channel (8), descriptor (3), list head (9), then fields of five
            // bytes each, the sixth being delivery-count.
            var answer = await connection.ReadPerformativeAsync(FlowFrame, $"the answer to drain {flow}");
            deliveryCount = BinaryPrimitives.ReadUInt32BigEndian(answer.AsSpan(8 + 3 + 9 + (5 * 5) + 1));
        }

        await sending;
        await connection.SendAsync((byte[])[
            .. RawConnection.AttachSender(1, "jobs"),
            .. RawConnection.Flow(0, 1, deliveryCount),
            .. RawConnection.Transfer(1, 0, RawConnection.Message(1)),
        ]);
        await connection.ReadPerformativeAsync(TransferFrame, "the message");
    }

    [Fact]
    public async Task A_connection_has_thousands_of_sessions_but_not_more_than_it_was_told()
    {
        const ushort Sessions = 5000;
        using var connection = await RawConnection.AuthenticatedAsync(_broker);
        await connection.SendAsync(RawConnection.Open());
        for (ushort channel = 0; channel < Sessions; channel++)
        {
            await connection.SendAsync(RawConnection.Begin(channel));
            await connection.ReadPerformativeAsync(BeginFrame, $"session {channel}");
        }

        await connection.SendAsync((byte[])[
            .. RawConnection.AttachSender(0, "jobs", Sessions - 1),
            .. RawConnection.Transfer(0, 0, RawConnection.Message(1), channel: Sessions - 1),
        ]);
        await connection.ReadPerformativeAsync(DispositionFrame, "the last session works");
        await connection.SendAsync(RawConnection.Begin(Sessions));
        await connection.ReadPerformativeAsync(CloseFrame, "the session too many");
    }

    [Fact]
    public async Task Two_hundred_connections_with_a_thousand_links_each_get_their_message()
    {
        const int Connections = 200, Links = 5;
        var connections = new List<RawConnection>();
        try
        {
            for (var index = 0; index < Connections; index++)
            {
                var connection = await RawConnection.OpenAsync(_broker);
                connections.Add(connection);
                for (var handle = 0u; handle < Links; handle++)
                {
                    await connection.SendAsync((byte[])[.. RawConnection.AttachReceiver(handle, "jobs"), .. RawConnection.Flow(handle, 1)]);
                }
            }

            using var sender = await RawConnection.OpenAsync(_broker);
            await FillAsync(sender, Connections * Links, size: 100);

            foreach (var connection in connections)
            {
                for (var handle = 0; handle < Links; handle++)
                {
                    await connection.ReadPerformativeAsync(TransferFrame, "each link's message");
                }
            }
        }
        finally
        {
            connections.ForEach(connection => connection.Dispose());
        }
    }

    private static async Task FillAsync(RawConnection connection, int messages, int size)
    {
        await connection.SendAsync(RawConnection.AttachSender(100, "jobs"));
        for (var id = 0u; id < messages; id++)
        {
            await connection.SendAsync(RawConnection.Transfer(100, id, RawConnection.Message(size)));
            await connection.ReadPerformativeAsync(DispositionFrame, $"message {id} is accepted");
        }
    }
}
