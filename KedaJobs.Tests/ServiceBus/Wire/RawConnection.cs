using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.ServiceBus.Wire;

/// <summary>A socket to a broker and the frames that one sends over it, right or wrong: for what no AMQP library would do.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly byte[] SaslHeader = [.. "AMQP"u8, 3, 1, 0, 0];
    private static readonly byte[] AmqpHeader = [.. "AMQP"u8, 0, 1, 0, 0];

    private readonly Socket _socket;

    private RawConnection(Socket socket) => _socket = socket;

    public static byte[] Null { get; } = [0x40];

    public static byte[] True { get; } = [0x41];

    public static byte[] False { get; } = [0x42];

    public static Task<RawConnection> ConnectAsync(ServiceBusBroker broker) => ConnectAsync(broker.Port);

    public static async Task<RawConnection> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new RawConnection(socket);
    }

    /// <summary>A connection with SASL PLAIN done and the protocol header exchanged: the next frame is open.</summary>
    public static async Task<RawConnection> AuthenticatedAsync(ServiceBusBroker broker)
    {
        var connection = await ConnectAsync(broker);
        byte[] response = [.. Encoding.UTF8.GetBytes($"\0{SharedAccessRule.DefaultName}\0{SharedAccessRule.DefaultKey}")];
        await connection.SendAsync(
            (byte[])[.. SaslHeader, .. Frame(1, 0, 0x41, Symbol("PLAIN"), [0xa0, (byte)response.Length, .. response]), .. AmqpHeader]);
        return connection;
    }

    /// <summary>A connection with a session on channel 0 too.</summary>
    public static async Task<RawConnection> OpenAsync(ServiceBusBroker broker)
    {
        var connection = await AuthenticatedAsync(broker);
        await connection.SendAsync((byte[])[.. Open(), .. Begin(0)]);
        return connection;
    }

    public static byte[] Open(uint maxFrameSize = 65536, uint? idleTimeout = null) => Frame(
        0, 0, 0x10, Text($"raw-{Guid.NewGuid():N}"), Text("localhost"), UInt(maxFrameSize), Null,
        idleTimeout is { } milliseconds ? UInt(milliseconds) : Null);

    public static byte[] Begin(ushort channel, uint incomingWindow = int.MaxValue) =>
        Frame(0, channel, 0x11, Null, UInt(0), UInt(incomingWindow), UInt(int.MaxValue));

    /// <summary>The client is to send on this link.</summary>
    public static byte[] AttachSender(uint handle, string address, ushort channel = 0) => Frame(
        0, channel, 0x12, Text($"out-{channel}-{handle}"), UInt(handle), False, Null, Null, Described(0x28, Null),
        Described(0x29, Text(address)), Null, Null, UInt(0));

    /// <summary>The client is to receive on this link.</summary>
    public static byte[] AttachReceiver(uint handle, string address, ushort channel = 0) => Frame(
        0, channel, 0x12, Text($"in-{channel}-{handle}"), UInt(handle), True, Null, Null, Described(0x28, Text(address)),
        Described(0x29, Null));

    public static byte[] Flow(uint handle, uint credit, uint deliveryCount = 0, ushort channel = 0) =>
        Frame(0, channel, 0x13, UInt(0), UInt(int.MaxValue), UInt(0), UInt(int.MaxValue), UInt(handle), UInt(deliveryCount), UInt(credit));

    /// <summary>The client's window, and a link's credit with it if one is named; to be answered if asked.</summary>
    public static byte[] Flow(
        uint nextIncomingId, uint incomingWindow, (uint Handle, uint DeliveryCount, uint Credit)? link, bool drain = false,
        bool echo = false) =>
        Frame(
            0, 0, 0x13, UInt(nextIncomingId), UInt(incomingWindow), UInt(0), UInt(int.MaxValue),
            link is { } one ? UInt(one.Handle) : Null, link is { } two ? UInt(two.DeliveryCount) : Null,
            link is { } three ? UInt(three.Credit) : Null,
            Null, drain ? True : False, echo ? True : False);

    /// <summary>The client settles what it received.</summary>
    public static byte[] Accepted(uint first, uint last) =>
        Frame(0, 0, 0x15, True, UInt(first), UInt(last), False, [0x00, 0x53, 0x24, 0x45]);

    public static byte[] Transfer(uint handle, uint deliveryId, ReadOnlySpan<byte> message, bool more = false, ushort channel = 0)
    {
        var frame = Frame(0, channel, 0x14, UInt(handle), UInt(deliveryId), [0xa0, 1, 0], UInt(0), False, more ? True : False);
        byte[] whole = [.. frame, .. message];
        BinaryPrimitives.WriteInt32BigEndian(whole, whole.Length);
        return whole;
    }

    /// <summary>A frame with a performative, or with type 1 a SASL frame.</summary>
    public static byte[] Frame(byte type, ushort channel, byte descriptor, params byte[][] fields)
    {
        byte[] list = [.. fields.SelectMany(field => field)];
        byte[] frame =
        [
            0, 0, 0, 0, 2, type, (byte)(channel >> 8), (byte)channel, 0x00, 0x53, descriptor, 0xd0, 0, 0, 0, 0, 0, 0, 0,
            (byte)fields.Length, .. list,
        ];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(12), list.Length + 4);
        return frame;
    }

    public static byte[] Text(string value) => [0xa1, (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];

    public static byte[] UInt(uint value) => [0x70, (byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    /// <summary>A message with a data section.</summary>
    public static byte[] Message(int size)
    {
        byte[] message = [0x00, 0x53, 0x75, 0xb0, 0, 0, 0, 0, .. new byte[size]];
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), size);
        return message;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes)..];
        }
    }

    /// <summary>Sends, though the broker may have closed the connection already.</summary>
    /// <returns>Whether all of it went.</returns>
    public async Task<bool> TrySendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await SendAsync(bytes);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Sends no more, but goes on receiving.</summary>
    public void FinishSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The broker has closed the connection already.
        }
    }

    /// <summary>Ends the connection without a word, as when a process is killed.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    /// <summary>All that the broker sends until it closes the connection.</summary>
    public async Task<byte[]> ReadToEndAsync(string reason)
    {
        var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = await Eventually.InTimeAsync(reason, _socket.ReceiveAsync(buffer), TimeSpan.FromMinutes(1))) > 0;)
            {
                all.Write(buffer, 0, read);
            }
        }
        catch (SocketException)
        {
            // Reset: closed too.
        }

        return all.ToArray();
    }

    /// <summary>The next whole frame.</summary>
    public async Task<byte[]> ReadFrameAsync(string reason)
    {
        var head = await ReadAsync(8, reason);
        if (head.AsSpan().SequenceEqual(AmqpHeader) || head.AsSpan().SequenceEqual(SaslHeader))
        {
            return head;
        }

        return [.. head, .. await ReadAsync(BinaryPrimitives.ReadInt32BigEndian(head) - 8, reason)];
    }

    /// <summary>The next frame with this performative; those before are passed over.</summary>
    public async Task<byte[]> ReadPerformativeAsync(byte descriptor, string reason)
    {
        while (true)
        {
            var frame = await ReadFrameAsync(reason);
            if (frame.Length > 10 && frame[5] == 0 && frame[10] == descriptor)
            {
                return frame;
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] Symbol(string value) => [0xa3, (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];

    private static byte[] Described(byte descriptor, byte[] field) => [0x00, 0x53, descriptor, 0xc0, (byte)(field.Length + 1), 1, .. field];

    private async Task<byte[]> ReadAsync(int count, string reason)
    {
        var bytes = new byte[count];
        for (var filled = 0; filled < count;)
        {
            var read = await Eventually.InTimeAsync(reason, _socket.ReceiveAsync(bytes.AsMemory(filled)).AsTask(), TimeSpan.FromMinutes(1));
            filled += read > 0 ? read : throw new EndOfStreamException($"The broker closed the connection: {reason}");
        }

        return bytes;
    }
}
