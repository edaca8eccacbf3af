using System.Buffers.Binary;
using System.Text;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>
/// Writes encoded AMQP values: into bytes that are large enough, or (<see cref="Growing"/>) into memory of its own that grows.
/// </summary>
internal ref struct WireWriter(Span<byte> bytes)
{
    private Span<byte> _bytes = bytes;
    private bool _grows;

    public int Position { get; private set; }

    /// <summary>What was written so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _bytes[..Position];

    /// <summary>A writer that makes room as it needs it.</summary>
    /// <param name="capacity">How much it has room for at first, in bytes.</param>
    public static WireWriter Growing(int capacity = 256) => new(new byte[capacity]) { _grows = true };

    public void Byte(byte value) => Take(1)[0] = value;

    public void Raw(ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    /// <summary>The head of a described value with a number below 256.</summary>
    public void Descriptor(ulong number)
    {
        Byte(0x00);
        Byte(0x53);
        Byte((byte)number);
    }

    public void Null() => Byte(WireReader.Null);

    public void Boolean(bool value) => Byte(value ? (byte)0x41 : (byte)0x42);

    public void UByte(byte value)
    {
        Byte(0x50);
        Byte(value);
    }

    public void UShort(ushort value)
    {
        Byte(0x60);
        BinaryPrimitives.WriteUInt16BigEndian(Take(2), value);
    }

    public void UInt(uint value)
    {
        Byte(0x70);
        BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);
    }

    public void ULong(ulong value)
    {
        Byte(0x80);
        BinaryPrimitives.WriteUInt64BigEndian(Take(8), value);
    }

    public void Int(int value)
    {
        Byte(0x71);
        BinaryPrimitives.WriteInt32BigEndian(Take(4), value);
    }

    public void Long(long value)
    {
        Byte(0x81);
        BinaryPrimitives.WriteInt64BigEndian(Take(8), value);
    }

    public void Uuid(Guid value)
    {
        Byte(0x98);
        value.TryWriteBytes(Take(16), bigEndian: true, out _);
    }

    public void Timestamp(DateTime value)
    {
        Byte(0x83);
        BinaryPrimitives.WriteInt64BigEndian(Take(8), Timestamps.ToMilliseconds(value));
    }

    public void Binary(ReadOnlySpan<byte> value)
    {
        if (value.Length <= byte.MaxValue)
        {
            Byte(0xa0);
            Byte((byte)value.Length);
        }
        else
        {
            Byte(0xb0);
            BinaryPrimitives.WriteInt32BigEndian(Take(4), value.Length);
        }

        Raw(value);
    }

    public void String(string value) => Text(value, 0xa1, 0xb1);

    public void Symbol(string value) => Text(value, 0xa3, 0xb3);

    /// <summary>Begins a list (0xd0) or map (0xd1); <see cref="EndCompound"/> fills in its size and count.</summary>
    public int BeginCompound(byte constructor)
    {
        Byte(constructor);
        Take(8);
        return Position;
    }

    public readonly void EndCompound(int start, int count)
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes[(start - 8)..], Position - start + 4);
        BinaryPrimitives.WriteInt32BigEndian(_bytes[(start - 4)..], count);
    }

    /// <summary>Makes room for bytes whose value is filled in by the caller.</summary>
    public Span<byte> Take(int count)
    {
        if (_grows && Position + count > _bytes.Length)
        {
            Span<byte> larger = new byte[Math.Max(Position + count, _bytes.Length * 2)];
            _bytes[..Position].CopyTo(larger);
            _bytes = larger;
        }

        var taken = _bytes.Slice(Position, count);
        Position += count;
        return taken;
    }

    private void Text(string value, byte small, byte large)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        if (length <= byte.MaxValue)
        {
            Byte(small);
            Byte((byte)length);
        }
        else
        {
            Byte(large);
            BinaryPrimitives.WriteInt32BigEndian(Take(4), length);
        }

        Encoding.UTF8.GetBytes(value, Take(length));
    }
}
