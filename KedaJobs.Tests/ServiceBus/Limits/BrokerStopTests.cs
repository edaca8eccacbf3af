using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;
using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Amqp;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Security;
using KedaJobs.Tests.ServiceBus.Wire;
using KedaJobs.Tests.Support;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.ServiceBus.Limits;

/// <summary>A stop reaches every client, whatever state another one's connection is in.</summary>
public sealed class BrokerStopTests
{
    private const byte BeginFrame = 0x11, CloseFrame = 0x18;

    private readonly FakeLogCollector _log = FakeLogCollector.Create(new FakeLogCollectorOptions());

    // The clock stands still: no time limit ends a connection.
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    [Theory]
    [InlineData("")]
    [InlineData("AM")]
    [InlineData("AMQP\x03\x01\x00\x00")]
    [InlineData("AMQP\x00\x01\x00\x00")]
    public async Task A_client_in_its_handshake_does_not_hold_up_the_stop(string said)
    {
        var broker = await StartAsync();
        using var client = await RawConnection.ConnectAsync(broker);
        await client.SendAsync(Encoding.Latin1.GetBytes(said));

        await StopsAtOnceAsync(broker);
    }

    [Fact]
    public async Task A_client_before_its_open_does_not_hold_up_the_stop()
    {
        var broker = await StartAsync();
        using var client = await RawConnection.AuthenticatedAsync(broker);
        await client.ReadFrameAsync("the SASL header");

        await StopsAtOnceAsync(broker);
    }

    [Fact]
    public async Task A_client_that_does_not_answer_the_close_is_dropped()
    {
        var broker = await StartAsync();
        using var client = await RawConnection.OpenAsync(broker);
        await client.ReadPerformativeAsync(BeginFrame, "the session");

        await StopAsync(broker);

        Assert.Contains(
            "amqp:connection:forced", Encoding.ASCII.GetString(await client.ReadPerformativeAsync(CloseFrame, "the close")),
            StringComparison.Ordinal);
        Assert.Empty(await client.ReadToEndAsync("the end"));
        Assert.Contains(_log.GetSnapshot(), IsAbort);
    }

    [Fact]
    public async Task A_connection_that_breaks_during_the_stop_does_not_keep_it_from_the_others()
    {
        using var telemetry = new BrokerTelemetry();
        using var catalog = new EntityCatalog(() => NoJournal.Instance, TimeProvider.System);
        var services = new BrokerServices(catalog, new TokenValidator([], _ => []), new CommitGate(), TimeProvider.System, telemetry);
        using var server = new AmqpServer(services, TimeSpan.FromMinutes(1), NullLogger.Instance);
        var breaking = new PipeClient(onOutputCompleted: () => server.Close("The broker is stopping."));
        var others = Enumerable.Range(0, 8).Select(_ => new PipeClient()).ToList();
        PipeClient[] all = [.. others[..4], breaking, .. others[4..]];
        var served = all.Select(client => server.ServeAsync(client.Context)).ToList();
        foreach (var client in all)
        {
            await client.WriteAsync([.. "AMQP"u8, 0, 1, 0, 0, .. RawConnection.Open(), .. RawConnection.Begin(0)]);
            await client.ReadPerformativeAsync(BeginFrame);
        }

        // The answer to this finds nobody; in the middle of noticing that, the server closes.
        await breaking.EndReadingAsync();
        await breaking.WriteAsync(RawConnection.Begin(1));

        foreach (var client in others)
        {
            var close = await client.ReadPerformativeAsync(CloseFrame);
            Assert.Contains("amqp:connection:forced", Encoding.ASCII.GetString(close), StringComparison.Ordinal);
            Assert.Contains("The broker is stopping.", Encoding.ASCII.GetString(close), StringComparison.Ordinal);
            await client.WriteAsync(RawConnection.Frame(0, 0, CloseFrame));
        }

        await Task.WhenAll(served).WaitAsync(Eventually.DefaultDeadline);
    }

    private static Task StopAsync(ServiceBusBroker broker) => broker.StopAsync().WaitAsync(Eventually.DefaultDeadline);

    /// <summary>Whether the web server says that it waited for connections in vain.</summary>
    private static bool IsAbort(FakeLogRecord record) => record.Id.Name == "NotAllConnectionsClosedGracefully";

    private async Task StopsAtOnceAsync(ServiceBusBroker broker)
    {
        await StopAsync(broker);
        Assert.DoesNotContain(_log.GetSnapshot(), IsAbort);
    }

    private Task<ServiceBusBroker> StartAsync() => ServiceBusBroker.StartAsync(
        new BrokerOptions(),
        LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(new FakeLoggerProvider(_log))), _time);

    /// <summary>A client without a socket.</summary>
    private sealed class PipeClient
    {
        private readonly Pipe _toServer = new(), _toClient = new();

        public PipeClient(Action? onOutputCompleted = null) => Context = new DefaultConnectionContext(
            "test", new Duplex(_toServer.Reader, new Output(_toClient.Writer, onOutputCompleted)),
            new Duplex(_toClient.Reader, _toServer.Writer));

        public ConnectionContext Context { get; }

        public async Task WriteAsync(byte[] bytes) => await _toServer.Writer.WriteAsync(bytes);

        public async Task EndReadingAsync() => await _toClient.Reader.CompleteAsync();

        /// <summary>The next frame with this performative; those before are passed over.</summary>
        public async Task<byte[]> ReadPerformativeAsync(byte descriptor)
        {
            while (true)
            {
                var head = (await ReadAsync(8)).ToArray();
                if (head.AsSpan().StartsWith("AMQP"u8))
                {
                    continue;
                }

                byte[] frame = [.. head, .. await ReadAsync(BinaryPrimitives.ReadInt32BigEndian(head) - 8)];
                if (frame.Length > 10 && frame[10] == descriptor)
                {
                    return frame;
                }
            }
        }

        private async Task<byte[]> ReadAsync(int count)
        {
            var read = await _toClient.Reader.ReadAtLeastAsync(count).AsTask().WaitAsync(Eventually.DefaultDeadline);
            if (read.Buffer.Length < count)
            {
                throw new EndOfStreamException();
            }

            var bytes = read.Buffer.Slice(0, count).ToArray();
            _toClient.Reader.AdvanceTo(read.Buffer.GetPosition(count));
            return bytes;
        }

        private sealed class Output(PipeWriter writer, Action? onCompleted) : PipeWriter
        {
            public override void Advance(int bytes) => writer.Advance(bytes);

            public override Memory<byte> GetMemory(int sizeHint = 0) => writer.GetMemory(sizeHint);

            public override Span<byte> GetSpan(int sizeHint = 0) => writer.GetSpan(sizeHint);

            public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
                writer.FlushAsync(cancellationToken);

            public override void CancelPendingFlush() => writer.CancelPendingFlush();

            public override void Complete(Exception? exception = null)
            {
                writer.Complete(exception);
                onCompleted?.Invoke();
            }
        }
    }
}
