namespace KedaJobs.ServiceBus.Runtime;

/// <summary>What a client speaks.</summary>
internal enum ClientProtocol : byte
{
    /// <summary>None that the broker knows.</summary>
    Unknown,
    Amqp,
    Http,
    Tls,
}

/// <summary>Tells what a client speaks by the first bytes that it sends.</summary>
internal static class FirstBytes
{
    /// <summary>How many bytes it takes to tell, but for TLS, which shows in the first.</summary>
    public const int Length = 4;

    /// <summary>The first byte of a TLS handshake record, in which a ClientHello comes (RFC 8446, section 5.1).</summary>
    private const byte Handshake = 0x16;

    /// <summary>Whether the bytes begin a TLS connection.</summary>
    public static bool IsTls(ReadOnlySpan<byte> bytes) => bytes[0] == Handshake;

    public static ClientProtocol Read(ReadOnlySpan<byte> bytes)
    {
        if (IsTls(bytes))
        {
            return ClientProtocol.Tls;
        }

        if (bytes.StartsWith("AMQP"u8))
        {
            return ClientProtocol.Amqp;
        }

        // The methods of RFC 9110, and PATCH.
        return bytes[..Length] switch
        {
            [(byte)'G', (byte)'E', (byte)'T', (byte)' '] or [(byte)'P', (byte)'U', (byte)'T', (byte)' ']
            or [(byte)'P', (byte)'O', (byte)'S', (byte)'T']
                or [(byte)'D', (byte)'E', (byte)'L', (byte)'E'] or [(byte)'H', (byte)'E', (byte)'A', (byte)'D']
                or [(byte)'P', (byte)'A', (byte)'T', (byte)'C']
                or [(byte)'O', (byte)'P', (byte)'T', (byte)'I'] or [(byte)'T', (byte)'R', (byte)'A', (byte)'C']
                or [(byte)'C', (byte)'O', (byte)'N', (byte)'N'] =>
                ClientProtocol.Http,
            _ => ClientProtocol.Unknown,
        };
    }
}
