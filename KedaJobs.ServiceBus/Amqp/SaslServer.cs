using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using KedaJobs.ServiceBus.Amqp.Protocol;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>What came of the first exchange on a connection.</summary>
/// <param name="Succeeded">Whether AMQP may begin.</param>
/// <param name="User">The name and key that the client showed by PLAIN, or null.</param>
internal readonly record struct SaslResult(bool Succeeded, (string Name, string Key)? User = null);

/// <summary>
/// The SASL exchange (AMQP 1.0, part 5.3), before the connection. The JavaScript client, when it reads the outcome and the broker's AMQP
/// header at once, waits for bytes that never come: so the exchange is over only when the client's own AMQP header has arrived.
/// </summary>
internal static class SaslServer
{
    private const int HeaderLength = 8;
    private const int MaxFrameSize = 4096;
    private static readonly byte[] SaslHeader = [.. "AMQP"u8, 3, 1, 0, 0];
    private static readonly byte[] AmqpHeader = [.. "AMQP"u8, 0, 1, 0, 0];

    // [0, 3] size, data offset 2, type SASL, channel; sasl-mechanisms(0x40) [[MSSBCBS, ANONYMOUS, EXTERNAL, PLAIN]]
    private static readonly byte[] Mechanisms = MechanismsFrame("MSSBCBS", "ANONYMOUS", "EXTERNAL", "PLAIN");

    /// <summary>
    /// Exchanges SASL frames where the client begins with them, and waits for the client's AMQP header, which stays unread.
    /// </summary>
    /// <param name="pipe">The connection.</param>
    /// <param name="isKey">Whether a name and key, as shown by PLAIN, are right.</param>
    /// <param name="cancellationToken">Ends the wait for a silent client.</param>
    /// <exception cref="WireFormatException">The client does not speak AMQP.</exception>
    public static async Task<SaslResult> NegotiateAsync(
        IDuplexPipe pipe, Func<string, string, bool> isKey, CancellationToken cancellationToken)
    {
        var header = await PeekAsync(pipe.Input, HeaderLength, cancellationToken).ConfigureAwait(false);
        if (header is null)
        {
            return default;
        }

        if (header.AsSpan().SequenceEqual(AmqpHeader))
        {
            return new SaslResult(true);
        }

        if (!header.AsSpan().SequenceEqual(SaslHeader))
        {
            // The specification's answer to an unknown protocol: the header that would have been right, and the end.
            await pipe.Output.WriteAsync(SaslHeader, cancellationToken).ConfigureAwait(false);
            return default;
        }

        await SkipAsync(pipe.Input, HeaderLength, cancellationToken).ConfigureAwait(false);
        await pipe.Output.WriteAsync((byte[])[.. SaslHeader, .. Mechanisms], cancellationToken).ConfigureAwait(false);
        var (mechanism, response) = await ReadInitAsync(pipe.Input, cancellationToken).ConfigureAwait(false);
        var user = mechanism == "PLAIN" ? ReadPlain(response) : null;
        var accepted = mechanism is "MSSBCBS" or "ANONYMOUS" or "EXTERNAL" || (user is var (name, key) && isKey(name, key));
        await pipe.Output.WriteAsync(OutcomeFrame(accepted), cancellationToken).ConfigureAwait(false);
        if (!accepted)
        {
            return default;
        }

        var next = await PeekAsync(pipe.Input, HeaderLength, cancellationToken).ConfigureAwait(false);
        return new SaslResult(next is not null, user);
    }

    /// <summary>Waits for some bytes and leaves them where they are; null if the connection ends before.</summary>
    public static async Task<byte[]?> PeekAsync(PipeReader input, int count, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (result.Buffer.Length >= count)
            {
                var bytes = result.Buffer.Slice(0, count).ToArray();
                input.AdvanceTo(result.Buffer.Start);
                return bytes;
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted || result.IsCanceled)
            {
                return null;
            }
        }
    }

    /// <summary>Passes over bytes that have arrived.</summary>
    public static async Task SkipAsync(PipeReader input, int count, CancellationToken cancellationToken)
    {
        var result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
        input.AdvanceTo(result.Buffer.GetPosition(count));
    }

    /// <summary>Reads sasl-init(0x41) [mechanism, initial-response, hostname].</summary>
    private static async Task<(string? Mechanism, byte[] Response)> ReadInitAsync(PipeReader input, CancellationToken cancellationToken)
    {
        var head = await PeekAsync(input, FrameReader.HeaderLength, cancellationToken).ConfigureAwait(false)
            ?? throw new WireFormatException("The connection ended before SASL did.");
        var size = (head[0] << 24) | (head[1] << 16) | (head[2] << 8) | head[3];
        if (size is < FrameReader.HeaderLength or > MaxFrameSize || head[5] != 1)
        {
            throw new WireFormatException("A SASL frame was expected.");
        }

        var frame = await PeekAsync(input, size, cancellationToken).ConfigureAwait(false)
            ?? throw new WireFormatException("The connection ended before SASL did.");
        await SkipAsync(input, size, cancellationToken).ConfigureAwait(false);
        return ParseInit(frame.AsSpan(FrameReader.HeaderLength));
    }

    private static (string? Mechanism, byte[] Response) ParseInit(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        if (reader.ReadDescriptor() != 0x41)
        {
            throw new WireFormatException("The first SASL frame of a client must be sasl-init.");
        }

        var (count, _) = reader.ReadList();
        var mechanism = count > 0 ? reader.ReadText() : null;
        if (count < 2 || reader.Peek() == WireReader.Null)
        {
            return (mechanism, []);
        }

        return (mechanism, reader.ReadBinary().ToArray());
    }

    /// <summary>Reads authorization id, NUL, user, NUL, password (RFC 4616).</summary>
    private static (string Name, string Key)? ReadPlain(byte[] response)
    {
        var parts = Encoding.UTF8.GetString(response).Split('\0');
        return parts.Length == 3 ? (parts[1], parts[2]) : null;
    }

    private static byte[] MechanismsFrame(params string[] names)
    {
        byte[] symbols = [.. names.SelectMany(name => (byte[])[(byte)name.Length, .. Encoding.ASCII.GetBytes(name)])];
        byte[] array = [0xe0, (byte)(symbols.Length + 2), (byte)names.Length, 0xa3, .. symbols];
        return Frame(0x40, [0xc0, (byte)(array.Length + 1), 1, .. array]);
    }

    // sasl-outcome(0x44) [code]: 0 ok, 1 wrong credentials
    private static byte[] OutcomeFrame(bool accepted) => Frame(0x44, [0xc0, 3, 1, 0x50, accepted ? (byte)0 : (byte)1]);

    private static byte[] Frame(byte descriptor, byte[] fields)
    {
        byte[] body = [0x00, 0x53, descriptor, .. fields];
        return [0, 0, 0, (byte)(body.Length + FrameReader.HeaderLength), 2, 1, 0, 0, .. body];
    }
}
