using System.Buffers.Binary;
using System.Text;

namespace KedaJobs.ServiceBus.Durability;

/// <summary>The payload of a frame in the making: the prefix, then records. Kept and used again by its queue.</summary>
internal sealed class RecordWriter
{
    /// <summary>A buffer that a rare large message has blown up is not kept.</summary>
    private const int LargestKept = 1024 * 1024;

    private byte[] _bytes = new byte[512];
    private int _length = LogFormat.PayloadPrefixSize;

    public bool IsEmpty => _length == LogFormat.PayloadPrefixSize;

    public void Clear()
    {
        _length = LogFormat.PayloadPrefixSize;
        if (_bytes.Length > LargestKept)
        {
            _bytes = new byte[512];
        }
    }

    /// <summary>Begins a record. <see cref="EndRecord"/> takes the result.</summary>
    public int BeginRecord(RecordKind kind)
    {
        var start = _length;
        Byte((byte)kind);
        Int32(0);
        return start;
    }

    /// <returns>How many bytes the record has.</returns>
    public int EndRecord(int start)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(start + 1), _length - start - Records.HeaderSize);
        return _length - start;
    }

    /// <summary>The whole payload.</summary>
    public ReadOnlySpan<byte> Finish(long queueId, long lastSequenceNumber, DateTime accessedAt)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes, queueId);
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(8), lastSequenceNumber);
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(16), accessedAt.Ticks);
        return _bytes.AsSpan(0, _length);
    }

    public void Byte(byte value) => Take(1)[0] = value;

    public void Int32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(sizeof(int)), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(sizeof(long)), value);

    public void Time(DateTime value) => Int64(value.Ticks);

    /// <summary>A text, or null.</summary>
    public void Text(string? value)
    {
        if (value is null)
        {
            Int32(-1);
            return;
        }

        var length = Encoding.UTF8.GetByteCount(value);
        Int32(length);
        Encoding.UTF8.GetBytes(value, Take(length));
    }

    /// <summary>Bytes up to the end of the record.</summary>
    public void Rest(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    private Span<byte> Take(int count)
    {
        if (_length + count > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(_length + (long)count, _bytes.Length * 2L)));
        }

        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }
}
