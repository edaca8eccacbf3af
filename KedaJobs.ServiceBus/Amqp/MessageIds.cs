using System.Buffers.Binary;
using System.Security.Cryptography;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>
/// Ids for messages that were sent without one: a number drawn once per process, and a count. They are unique, and no secret: drawing each
/// from the system's random numbers took longer than anything else that the broker does with a message.
/// </summary>
internal static class MessageIds
{
    private static readonly byte[] Process = RandomNumberGenerator.GetBytes(8);
    private static long _last;

    public static Guid Next()
    {
        Span<byte> bytes = stackalloc byte[16];
        Process.CopyTo(bytes);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], Interlocked.Increment(ref _last));
        return new Guid(bytes);
    }
}
