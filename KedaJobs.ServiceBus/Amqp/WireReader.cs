using System.Buffers.Binary;
using System.Text;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>The bytes are not AMQP 1.0, or nested or sized beyond what is sensible.</summary>
internal sealed class WireFormatException(string message) : Exception(message);

/// <summary>
/// Walks over encoded AMQP values without building objects (OASIS AMQP 1.0, part 1: types). Every read is checked against the end of the
/// bytes; nesting is bounded, because it is walked over recursively and a stack overflow would end the process.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    public const byte Described = 0x00;
    public const byte Null = 0x40;

    /// <summary>Deeper than any client nests by itself, shallow enough for every stack.</summary>
    private const int MaxDepth = 32;

    /// <summary>
    /// Array elements may have no bytes at all, so that their count is not bounded by their size. All arrays together may have so many:
    /// else a frame full of such arrays would decode to a thousand times its size.
    /// </summary>
    private const int MaxEmptyElements = 1024;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private long _emptyElements;

    public int Position { get; private set; }

    public readonly bool AtEnd => Position >= _bytes.Length;

    /// <summary>The bytes from a position up to where the reader is.</summary>
    public readonly ReadOnlySpan<byte> Since(int start) => _bytes[start..Position];

    /// <summary>Goes back to where the reader was.</summary>
    public void Return(int position) => Position = position;

    public readonly byte Peek() => Position < _bytes.Length ? _bytes[Position] : throw Truncated();

    public byte ReadByte()
    {
        var value = Peek();
        Position++;
        return value;
    }

    public ReadOnlySpan<byte> Take(long length)
    {
        if (length < 0 || length > _bytes.Length - Position)
        {
            throw Truncated();
        }

        var taken = _bytes.Slice(Position, (int)length);
        Position += (int)length;
        return taken;
    }

    /// <summary>Reads the descriptor of a described value: its number, or 0 for one that has a name only.</summary>
    public ulong ReadDescriptor()
    {
        if (ReadByte() != Described)
        {
            throw new WireFormatException("A described value was expected.");
        }

        switch (Peek())
        {
            case 0x44 or 0x53 or 0x80:
                return ReadUnsigned()!.Value;
            case 0xa3 or 0xb3:
                return Descriptors.NumberOf(ReadText()!);
            default:
                Skip(1);
                return 0;
        }
    }

    /// <summary>
    /// Reads the head of an array: its elements' constructor, how many there are, and where they end. Its
    /// elements were checked by <see cref="Skip"/>.
    /// </summary>
    public (byte Element, int Count, int End) ReadArray()
    {
        var isSmall = ReadByte() >> 4 == 0xe;
        long size = isSmall ? ReadByte() : ReadUInt32();
        var end = End(size);
        var count = isSmall ? ReadByte() : checked((int)ReadUInt32());
        return (ReadByte(), count, end);
    }

    /// <summary>Reads the head of a list: how many elements it has, and where they end.</summary>
    public (int Count, int End) ReadList() => ReadCompound(Expect(Peek() is 0x45 or 0xc0 or 0xd0, "list"));

    /// <summary>Reads the head of a map: how many keys and values it has, and where they end.</summary>
    public (int Count, int End) ReadMap() => ReadCompound(Expect(Peek() is 0xc1 or 0xd1, "map"));

    private (int Count, int End) ReadCompound(byte constructor)
    {
        var (count, end) = ReadHead(constructor);
        return (constructor & 0x0f) == 1 && count % 2 != 0
            ? throw new WireFormatException("A map has a key without a value.")
            : (count, end);
    }

    private (int Count, int End) ReadHead(byte constructor)
    {
        switch (constructor)
        {
            case 0x45:
                return (0, Position);
            case 0xc0 or 0xc1:
                {
                    var size = ReadByte();
                    var end = End(size);
                    return (CheckCount(ReadByte(), size - 1), end);
                }

            case 0xd0 or 0xd1:
                {
                    var size = ReadUInt32();
                    var end = End(size);
                    return (CheckCount(ReadUInt32(), size - 4L), end);
                }

            default:
                throw new WireFormatException($"A list or map was expected, not 0x{constructor:x2}.");
        }
    }

    /// <summary>Reads a string or symbol, or null.</summary>
    public string? ReadText()
    {
        if (Peek() == Null)
        {
            Position++;
            return null;
        }

        return Encoding.UTF8.GetString(ReadTextBytes());
    }

    /// <summary>Reads a binary value.</summary>
    public ReadOnlySpan<byte> ReadBinary()
    {
        var constructor = ReadByte();
        return constructor switch
        {
            0xa0 => Take(ReadByte()),
            0xb0 => Take(ReadUInt32()),
            _ => throw new WireFormatException($"Binary was expected, not 0x{constructor:x2}."),
        };
    }

    /// <summary>Reads an unsigned integer of any width, or null.</summary>
    public ulong? ReadUnsigned()
    {
        var constructor = ReadByte();
        return constructor switch
        {
            Null => null,
            0x43 or 0x44 => 0,
            0x50 or 0x52 or 0x53 => ReadByte(),
            0x60 => BinaryPrimitives.ReadUInt16BigEndian(Take(2)),
            0x70 => ReadUInt32(),
            0x80 => BinaryPrimitives.ReadUInt64BigEndian(Take(8)),
            _ => throw new WireFormatException($"An unsigned integer was expected, not 0x{constructor:x2}."),
        };
    }

    /// <summary>Reads an unsigned integer that fits into 32 bits, or null.</summary>
    public uint? ReadUInt() => ReadUnsigned() switch
    {
        null => null,
        <= uint.MaxValue and var value => (uint)value,
        var value => throw new WireFormatException($"{value} is beyond the range of a uint."),
    };

    /// <summary>Reads an unsigned integer that fits into 16 bits, or null.</summary>
    public ushort? ReadUShort() => ReadUnsigned() switch
    {
        null => null,
        <= ushort.MaxValue and var value => (ushort)value,
        var value => throw new WireFormatException($"{value} is beyond the range of a ushort."),
    };

    /// <summary>Reads a signed integer of any width.</summary>
    public long ReadSigned()
    {
        var constructor = ReadByte();
        return constructor switch
        {
            0x51 or 0x54 or 0x55 => (sbyte)ReadByte(),
            0x61 => BinaryPrimitives.ReadInt16BigEndian(Take(2)),
            0x71 => BinaryPrimitives.ReadInt32BigEndian(Take(4)),
            0x81 => BinaryPrimitives.ReadInt64BigEndian(Take(8)),
            _ => throw new WireFormatException($"A signed integer was expected, not 0x{constructor:x2}."),
        };
    }

    /// <summary>Reads the bytes of a value of fixed width, whatever its type.</summary>
    public ReadOnlySpan<byte> TakeFixed(int width)
    {
        ReadByte();
        return Take(width);
    }

    /// <summary>Reads the bytes of a string or symbol.</summary>
    public ReadOnlySpan<byte> ReadTextBytes()
    {
        var constructor = ReadByte();
        return constructor switch
        {
            0xa1 or 0xa3 => Take(ReadByte()),
            0xb1 or 0xb3 => Take(ReadUInt32()),
            _ => throw new WireFormatException($"A string was expected, not 0x{constructor:x2}."),
        };
    }

    /// <summary>Reads a boolean, or null.</summary>
    public bool? ReadBoolean()
    {
        var constructor = ReadByte();
        return constructor switch
        {
            Null => null,
            0x41 => true,
            0x42 => false,
            0x56 => ReadByte() != 0,
            _ => throw new WireFormatException($"A boolean was expected, not 0x{constructor:x2}."),
        };
    }

    /// <summary>Reads a timestamp, or null.</summary>
    public DateTime? ReadTimestamp()
    {
        var constructor = ReadByte();
        return constructor switch
        {
            Null => null,
            0x83 => Timestamps.FromMilliseconds(BinaryPrimitives.ReadInt64BigEndian(Take(8))),
            _ => throw new WireFormatException($"A timestamp was expected, not 0x{constructor:x2}."),
        };
    }

    /// <summary>Passes over the rest of a list whose head was read.</summary>
    public void SkipRest(int fields, int end)
    {
        for (var field = 0; field < fields; field++)
        {
            Skip();
        }

        if (Position != end)
        {
            throw new WireFormatException("A list is not as long as it says.");
        }
    }

    /// <summary>Passes over one value, checking all that is in it.</summary>
    public void Skip(int depth = 0)
    {
        CheckDepth(depth);
        var constructor = ReadByte();
        if (constructor == Described)
        {
            Skip(depth + 1);
            Skip(depth + 1);
        }
        else
        {
            SkipElement(constructor, depth);
        }
    }

    /// <summary>Passes over a value whose constructor stands elsewhere: before it, or once for a whole array.</summary>
    private void SkipElement(byte constructor, int depth)
    {
        CheckDepth(depth);
        switch (constructor >> 4)
        {
            case 0x4:
                Take(0);
                break;
            case 0x5:
                Take(1);
                break;
            case 0x6:
                Take(2);
                break;
            case 0x7:
                Take(4);
                break;
            case 0x8:
                Take(8);
                break;
            case 0x9:
                Take(16);
                break;
            case 0xa:
                Take(ReadByte());
                break;
            case 0xb:
                Take(ReadUInt32());
                break;
            case 0xc or 0xd:
                SkipElements(constructor, depth);
                break;
            case 0xe or 0xf:
                SkipArray(constructor, depth);
                break;
            default:
                throw new WireFormatException($"0x{constructor:x2} begins no AMQP value.");
        }
    }

    private void SkipElements(byte constructor, int depth)
    {
        var (count, end) = ReadCompound(constructor);
        for (var index = 0; index < count; index++)
        {
            Skip(depth + 1);
        }

        if (Position != end)
        {
            throw new WireFormatException("A list or map is not as long as it says.");
        }
    }

    private void SkipArray(byte constructor, int depth)
    {
        var isSmall = constructor >> 4 == 0xe;
        long size = isSmall ? ReadByte() : ReadUInt32();
        var end = End(size);
        long count = isSmall ? ReadByte() : ReadUInt32();
        var element = ReadByte();
        if (element == Described)
        {
            Skip(depth + 1);
            element = ReadByte();
        }

        var isEmpty = element >> 4 == 0x4;
        _emptyElements += isEmpty ? count : 0;
        if (isEmpty ? _emptyElements > MaxEmptyElements : count > size)
        {
            throw new WireFormatException($"An array claims {count} elements.");
        }

        for (var index = 0L; index < count; index++)
        {
            SkipElement(element, depth + 1);
        }

        if (Position != end)
        {
            throw new WireFormatException("An array is not as long as it says.");
        }
    }

    private byte Expect(bool isExpected, string what)
    {
        var constructor = ReadByte();
        return isExpected ? constructor : throw new WireFormatException($"A {what} was expected, not 0x{constructor:x2}.");
    }

    private readonly int End(long size) =>
        size < 1 || size > _bytes.Length - Position ? throw Truncated() : Position + (int)size;

    private static void CheckDepth(int depth)
    {
        if (depth > MaxDepth)
        {
            throw new WireFormatException($"Values are nested more than {MaxDepth} deep.");
        }
    }

    private static int CheckCount(long count, long size) =>
        count > size ? throw new WireFormatException($"A list claims {count} elements in {size} bytes.") : (int)count;

    private uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    private static WireFormatException Truncated() => new("A value goes beyond the end of its bytes.");
}
