using System.Buffers.Binary;
using System.Text;

namespace KedaJobs.ServiceBus.Durability;

/// <summary>
/// Reads what <see cref="RecordWriter"/> wrote. The checksum was right, so anything odd was written by another version, or by a mistake.
/// </summary>
internal ref struct RecordReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool AtEnd => _rest.IsEmpty;

    public RecordReader Record(out RecordKind kind, out int bytes)
    {
        kind = (RecordKind)Byte();
        var length = Int32();
        bytes = Records.HeaderSize + length;
        return new RecordReader(Take(length));
    }

    public byte Byte() => Take(1)[0];

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public DateTime Time() => new(Int64(), DateTimeKind.Utc);

    public string? Text() => Int32() is var length and >= 0 ? Encoding.UTF8.GetString(Take(length)) : null;

    public ReadOnlySpan<byte> Rest() => Take(_rest.Length);

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _rest.Length)
        {
            throw new RecordFormatException("A record is shorter than what it must hold.");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}

/// <summary>A record of the log cannot be understood, though its checksum is right.</summary>
internal sealed class RecordFormatException(string message, Exception? inner = null) : Exception(message, inner);
