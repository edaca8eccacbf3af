using System.Buffers.Binary;
using System.Text;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>Writes encoded AMQP values into bytes that are large enough.</summary>
internal ref struct WireWriter(Span<byte> bytes)
{
    private readonly Span<byte> _bytes = bytes;

    public int Position { get; private set; }

    public void Byte(byte value) => _bytes[Position++] = value;

    public void Raw(ReadOnlySpan<byte> value)
    {
        value.CopyTo(_bytes[Position..]);
        Position += value.Length;
    }

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

    public void UInt(uint value)
    {
        Byte(0x70);
        BinaryPrimitives.WriteUInt32BigEndian(_bytes[Position..], value);
        Position += 4;
    }

    public void Int(int value)
    {
        Byte(0x71);
        BinaryPrimitives.WriteInt32BigEndian(_bytes[Position..], value);
        Position += 4;
    }

    public void Long(long value)
    {
        Byte(0x81);
        Int64(value);
    }

    public void Timestamp(DateTime value)
    {
        Byte(0x83);
        Int64(Timestamps.ToMilliseconds(value));
    }

    public void String(string value) => Text(value, 0xa1, 0xb1);

    public void Symbol(string value) => Text(value, 0xa3, 0xb3);

    /// <summary>Begins a list (0xd0) or map (0xd1); <see cref="EndCompound"/> fills in its size and count.</summary>
    public int BeginCompound(byte constructor)
    {
        Byte(constructor);
        Position += 8;
        return Position;
    }

    public readonly void EndCompound(int start, int count)
    {
        UInt32(start - 8, Position - start + 4);
        UInt32(start - 4, count);
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
            UInt32(Position, length);
            Position += 4;
        }

        Position += Encoding.UTF8.GetBytes(value, _bytes[Position..]);
    }

    private readonly void UInt32(int position, int value) => BinaryPrimitives.WriteInt32BigEndian(_bytes[position..], value);

    private void Int64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_bytes[Position..], value);
        Position += 8;
    }
}
