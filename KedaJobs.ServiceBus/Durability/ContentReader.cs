using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Durability;

/// <summary>
/// Makes contents of encoded messages at a start. They share large arrays: a million arrays that all survive would be
/// copied from generation to generation, which took longer than reading them. An array goes when the last of its messages,
/// which lay side by side in the log, has gone.
/// </summary>
/// <param name="read">Makes content of a message's encoding and its size.</param>
internal sealed class ContentReader(Func<ReadOnlyMemory<byte>, int, MessageContent> read)
{
    private const int ChunkSize = 256 * 1024;

    private Memory<byte> _rest;

    public MessageContent Read(ReadOnlySpan<byte> encoded, int size)
    {
        if (encoded.Length > ChunkSize / 4)
        {
            return read(encoded.ToArray(), size);
        }

        if (encoded.Length > _rest.Length)
        {
            _rest = GC.AllocateUninitializedArray<byte>(ChunkSize);
        }

        var kept = _rest[..encoded.Length];
        _rest = _rest[encoded.Length..];
        encoded.CopyTo(kept.Span);
        return read(kept, size);
    }
}
