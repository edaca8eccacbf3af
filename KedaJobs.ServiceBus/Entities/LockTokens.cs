using System.Buffers.Binary;
using System.Security.Cryptography;

namespace KedaJobs.ServiceBus.Entities;

/// <summary>
/// Lock tokens that carry the sequence number, so that a token finds its message without a table. The other half makes it unique: a number drawn
/// once per process, so that tokens from before a restart name nothing, and a counter.
/// </summary>
internal sealed class LockTokens
{
    private readonly uint _stamp = (uint)RandomNumberGenerator.GetInt32(int.MaxValue);
    private uint _counter;

    public Guid Next(long sequenceNumber)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, sequenceNumber);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], _stamp);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], ++_counter);
        return new Guid(bytes);
    }

    public static long SequenceNumberOf(Guid token)
    {
        Span<byte> bytes = stackalloc byte[16];
        token.TryWriteBytes(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }
}
