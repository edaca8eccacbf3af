using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Amqp;
using KedaJobs.ServiceBus.Amqp;
using KedaJobs.Tests.ServiceBus.Wire;
using KedaJobs.Tests.Support;
using Microsoft.AspNetCore.Connections;

namespace KedaJobs.Tests.ServiceBus.Limits;

public sealed class PipeTransportTests
{
    private readonly Pipe _fromClient = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly Pipe _toClient = new(new PipeOptions(pauseWriterThreshold: 1000, resumeWriterThreshold: 500));

    [Fact]
    public async Task A_client_that_does_not_take_its_answers_is_not_read_from_for_ever()
    {
        const int Frames = 3000;
        await using var context = new DefaultConnectionContext("test", new Duplex(_fromClient.Reader, _toClient.Writer), new Duplex(_toClient.Reader, _fromClient.Writer));
        using var client = new ClientConnection(TimeProvider.System);
        var transport = new PipeTransport(context, client, 65536, () => 1024);
        _fromClient.Writer.Write((byte[])[.. "AMQP"u8, 0, 1, 0, 0, .. RawConnection.Open()]);
        for (var frame = 0; frame < Frames; frame++)
        {
            _fromClient.Writer.Write((byte[])[0, 0, 0, 8, 2, 0, 0, 0]);
        }

        await _fromClient.Writer.FlushAsync();
        await ReadAsync(transport, 0, 8);
        await ReadRestAsync(transport, await ReadSizeAsync(transport));
        var sending = transport.SendAsync([new ByteBuffer(new byte[2000], 0, 2000, 2000)], 2000);
        Assert.False(sending.IsCompleted);

        var read = 0;
        var pending = ReadSizeAsync(transport);
        for (; pending.IsCompleted; read++)
        {
            await ReadRestAsync(transport, await pending);
            pending = ReadSizeAsync(transport);
        }

        Assert.InRange(read, 500, Frames - 1000);
        var sent = await _toClient.Reader.ReadAsync();
        _toClient.Reader.AdvanceTo(sent.Buffer.End);
        await sending;
        for (; read < Frames - 1; read++)
        {
            await ReadRestAsync(transport, await Eventually.InTimeAsync("the client is read from again", pending));
            pending = ReadSizeAsync(transport);
        }
    }

    private static async Task<int> ReadSizeAsync(PipeTransport transport) =>
        BinaryPrimitives.ReadInt32BigEndian(await ReadAsync(transport, 0, sizeof(int)));

    private static Task<byte[]> ReadRestAsync(PipeTransport transport, int size) => ReadAsync(transport, sizeof(int), size - sizeof(int));

    /// <summary>Reads as the AMQP library does: a frame's size field, and then the rest behind it.</summary>
    private static async Task<byte[]> ReadAsync(PipeTransport transport, int offset, int count)
    {
        var buffer = new byte[offset + count];
        Assert.Equal(count, await transport.ReceiveAsync(buffer, offset, count));
        return buffer;
    }
}
