using System.Buffers.Binary;
using System.Security.Cryptography;

namespace KedaJobs.ServiceBus.Entities;

/// <summary>
/// Lock tokens that carry the sequence number, so that a token finds its message without a table. The other half makes it
/// unique: a number drawn once per process, so that tokens from before a restart name nothing, and the number of the
/// lock. Only the last is kept with the message.
/// </summary>
internal sealed class LockTokens
{
    private readonly uint _stamp = (uint)RandomNumberGenerator.GetInt32(int.MaxValue);
    private uint _last;

    /// <summary>The number of a new lock; never 0.</summary>
    public uint Next() => ++_last == 0 ? ++_last : _last;

    /// <summary>The token of the lock that a message has.</summary>
    public Guid TokenOf(BrokerMessage message)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, message.SequenceNumber);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], _stamp);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], message.LockNumber);
        return new Guid(bytes);
    }

    public static long SequenceNumberOf(Guid token)
    {
        Span<byte> bytes = stackalloc byte[16];
        token.TryWriteBytes(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }
}
