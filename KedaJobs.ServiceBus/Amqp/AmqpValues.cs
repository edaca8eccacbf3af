using System.Buffers.Binary;
using System.Collections;
using System.Text;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>An AMQP symbol, where it has to be told apart from a string.</summary>
internal readonly record struct AmqpSymbol(string Value)
{
    public override string ToString() => Value;
}

/// <summary>An AMQP value with a descriptor.</summary>
/// <param name="Descriptor">A number or a symbol.</param>
/// <param name="Value">What it describes.</param>
internal sealed record AmqpDescribed(object Descriptor, object? Value);

/// <summary>An AMQP value that is passed on as it was encoded.</summary>
internal readonly record struct EncodedValue(ReadOnlyMemory<byte> Bytes);

/// <summary>An AMQP map. Its keys are mostly strings or symbols, which clients do not keep apart: a text finds either.</summary>
internal sealed class AmqpMap : IEnumerable<KeyValuePair<object, object?>>
{
    private readonly Dictionary<object, object?> _entries = [];

    public int Count => _entries.Count;

    public object? this[string key]
    {
        get => _entries.TryGetValue(key, out var value) || _entries.TryGetValue(new AmqpSymbol(key), out value) ? value : null;
        set => _entries[key] = value;
    }

    public bool Has(string key) => _entries.ContainsKey(key) || _entries.ContainsKey(new AmqpSymbol(key));

    public void Set(object key, object? value) => _entries[key] = value;

    public IEnumerator<KeyValuePair<object, object?>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Encoded AMQP values as objects, for what is rare enough: management requests and their answers.</summary>
internal static class AmqpValues
{
    /// <summary>Reads a value. Types that .NET has none for, like decimals, come as <see cref="EncodedValue"/>.</summary>
    /// <exception cref="WireFormatException">It is malformed.</exception>
    public static object? Read(ref WireReader reader)
    {
        // Checked as a whole before: nesting and the number of elements are bounded from here on.
        var check = reader;
        check.Skip();
        return ReadChecked(ref reader);
    }

    /// <summary>Writes a value.</summary>
    /// <exception cref="ArgumentException">AMQP has no type for it.</exception>
    public static void Write(ref WireWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.Null();
                break;
            case EncodedValue encoded:
                writer.Raw(encoded.Bytes.Span);
                break;
            case string text:
                writer.String(text);
                break;
            case AmqpSymbol symbol:
                writer.Symbol(symbol.Value);
                break;
            case byte[] bytes:
                writer.Binary(bytes);
                break;
            case AmqpDescribed described:
                writer.Byte(WireReader.Described);
                Write(ref writer, described.Descriptor);
                Write(ref writer, described.Value);
                break;
            case AmqpMap map:
                WriteMap(ref writer, map);
                break;
            case Array array:
                WriteArray(ref writer, array);
                break;
            case List<object?> list:
                WriteList(ref writer, list);
                break;
            default:
                WriteFixed(ref writer, value);
                break;
        }
    }

    private static void WriteList(ref WireWriter writer, List<object?> list)
    {
        var start = writer.BeginCompound(0xd0);
        foreach (var item in list)
        {
            Write(ref writer, item);
        }

        writer.EndCompound(start, list.Count);
    }

    private static void WriteMap(ref WireWriter writer, AmqpMap map)
    {
        var start = writer.BeginCompound(0xd1);
        foreach (var (key, value) in map)
        {
            Write(ref writer, key);
            Write(ref writer, value);
        }

        writer.EndCompound(start, map.Count * 2);
    }

    /// <summary>Writes array(0xf0) size, count, the constructor of all elements, then their bytes.</summary>
    private static void WriteArray(ref WireWriter writer, Array array)
    {
        var start = writer.BeginCompound(0xf0);
        writer.Byte(array switch
        {
            long[] => 0x81,
            DateTime[] => 0x83,
            Guid[] => 0x98,
            string[] => 0xb1,
            AmqpSymbol[] => 0xb3,
            _ => throw new ArgumentException($"There is no AMQP array of {array.GetType().GetElementType()}.", nameof(array)),
        });
        foreach (var item in array)
        {
            switch (item)
            {
                case long number:
                    BinaryPrimitives.WriteInt64BigEndian(writer.Take(8), number);
                    break;
                case DateTime time:
                    BinaryPrimitives.WriteInt64BigEndian(writer.Take(8), Timestamps.ToMilliseconds(time));
                    break;
                case Guid id:
                    id.TryWriteBytes(writer.Take(16), bigEndian: true, out _);
                    break;
                default:
                    var text = Encoding.UTF8.GetBytes(item.ToString()!);
                    BinaryPrimitives.WriteInt32BigEndian(writer.Take(4), text.Length);
                    writer.Raw(text);
                    break;
            }
        }

        writer.EndCompound(start, array.Length);
    }

    private static void WriteFixed(ref WireWriter writer, object value)
    {
        switch (value)
        {
            case bool flag:
                writer.Boolean(flag);
                break;
            case byte number:
                writer.UByte(number);
                break;
            case ushort number:
                writer.UShort(number);
                break;
            case uint number:
                writer.UInt(number);
                break;
            case ulong number:
                writer.ULong(number);
                break;
            case sbyte number:
                writer.Byte(0x51);
                writer.Byte((byte)number);
                break;
            case short number:
                writer.Byte(0x61);
                BinaryPrimitives.WriteInt16BigEndian(writer.Take(2), number);
                break;
            case int number:
                writer.Int(number);
                break;
            case long number:
                writer.Long(number);
                break;
            case float number:
                writer.Byte(0x72);
                BinaryPrimitives.WriteSingleBigEndian(writer.Take(4), number);
                break;
            case double number:
                writer.Byte(0x82);
                BinaryPrimitives.WriteDoubleBigEndian(writer.Take(8), number);
                break;
            case DateTime time:
                writer.Timestamp(time);
                break;
            case Guid id:
                writer.Byte(0x98);
                id.TryWriteBytes(writer.Take(16), bigEndian: true, out _);
                break;
            default:
                throw new ArgumentException($"AMQP has no type for {value.GetType()}.", nameof(value));
        }
    }

    private static object? ReadChecked(ref WireReader reader)
    {
        if (reader.Peek() == WireReader.Described)
        {
            reader.ReadByte();
            var descriptor = ReadChecked(ref reader) ?? throw new WireFormatException("A descriptor is null.");
            return new AmqpDescribed(descriptor, ReadChecked(ref reader));
        }

        switch (reader.Peek())
        {
            case 0x45 or 0xc0 or 0xd0:
                return ReadList(ref reader);
            case 0xc1 or 0xd1:
                return ReadMap(ref reader);
            case 0xe0 or 0xf0:
                return ReadArray(ref reader);
            default:
                var start = reader.Position;
                var constructor = reader.ReadByte();
                return ReadPlain(ref reader, constructor) ?? (constructor == WireReader.Null ? null : Keep(ref reader, start));
        }
    }

    private static EncodedValue Keep(ref WireReader reader, int start)
    {
        reader.Return(start);
        reader.Skip();
        return new EncodedValue(reader.Since(start).ToArray());
    }

    private static List<object?> ReadList(ref WireReader reader)
    {
        var (count, _) = reader.ReadList();
        var list = new List<object?>(count);
        for (var index = 0; index < count; index++)
        {
            list.Add(ReadChecked(ref reader));
        }

        return list;
    }

    private static AmqpMap ReadMap(ref WireReader reader)
    {
        var (count, _) = reader.ReadMap();
        var map = new AmqpMap();
        for (var pair = 0; pair < count / 2; pair++)
        {
            var key = ReadChecked(ref reader) ?? throw new WireFormatException("The key of a map is null.");
            map.Set(key, ReadChecked(ref reader));
        }

        return map;
    }

    /// <summary>An array as a list of its elements; one of other than plain elements as it is.</summary>
    private static object ReadArray(ref WireReader reader)
    {
        var start = reader.Position;
        var whole = reader;
        whole.Skip();
        var (element, count, end) = reader.ReadArray();
        var list = new List<object?>(count);
        if (element != WireReader.Described && element >> 4 < 0xc)
        {
            for (var index = 0; index < count && ReadPlain(ref reader, element) is { } item; index++)
            {
                list.Add(item);
            }
        }

        var isWhole = list.Count == count && reader.Position == end;
        reader = whole;
        return isWhole ? list : new EncodedValue(reader.Since(start).ToArray());
    }

    /// <summary>
    /// Reads the bytes behind a constructor; null for null and for types that .NET has none for, of which nothing is read.
    /// </summary>
    private static object? ReadPlain(ref WireReader reader, byte constructor) => constructor switch
    {
        0x41 => true,
        0x42 => false,
        0x43 => 0u,
        0x44 => 0ul,
        0x50 => reader.ReadByte(),
        0x51 => (sbyte)reader.ReadByte(),
        0x52 => (uint)reader.ReadByte(),
        0x53 => (ulong)reader.ReadByte(),
        0x54 => (int)(sbyte)reader.ReadByte(),
        0x55 => (long)(sbyte)reader.ReadByte(),
        0x56 => reader.ReadByte() != 0,
        0x60 => BinaryPrimitives.ReadUInt16BigEndian(reader.Take(2)),
        0x61 => BinaryPrimitives.ReadInt16BigEndian(reader.Take(2)),
        0x70 => BinaryPrimitives.ReadUInt32BigEndian(reader.Take(4)),
        0x71 => BinaryPrimitives.ReadInt32BigEndian(reader.Take(4)),
        0x72 => BinaryPrimitives.ReadSingleBigEndian(reader.Take(4)),
        0x80 => BinaryPrimitives.ReadUInt64BigEndian(reader.Take(8)),
        0x81 => BinaryPrimitives.ReadInt64BigEndian(reader.Take(8)),
        0x82 => BinaryPrimitives.ReadDoubleBigEndian(reader.Take(8)),
        0x83 => Timestamps.FromMilliseconds(BinaryPrimitives.ReadInt64BigEndian(reader.Take(8))),
        0x98 => new Guid(reader.Take(16), bigEndian: true),
        0xa0 => reader.Take(reader.ReadByte()).ToArray(),
        0xb0 => reader.Take(ReadLength(ref reader)).ToArray(),
        0xa1 => Encoding.UTF8.GetString(reader.Take(reader.ReadByte())),
        0xb1 => Encoding.UTF8.GetString(reader.Take(ReadLength(ref reader))),
        0xa3 => new AmqpSymbol(Encoding.UTF8.GetString(reader.Take(reader.ReadByte()))),
        0xb3 => new AmqpSymbol(Encoding.UTF8.GetString(reader.Take(ReadLength(ref reader)))),
        _ => null,
    };

    private static uint ReadLength(ref WireReader reader) => BinaryPrimitives.ReadUInt32BigEndian(reader.Take(4));
}
