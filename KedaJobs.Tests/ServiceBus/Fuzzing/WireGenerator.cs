using System.Buffers.Binary;
using System.Text;

namespace KedaJobs.Tests.ServiceBus.Fuzzing;

/// <summary>
/// Writes AMQP that is mostly well-formed and often wrong in one place: in a size, a count, a type, an order or a bit. What is random all over is refused at
/// its first byte, and would test nothing behind it.
/// </summary>
internal sealed class WireGenerator(Random random)
{
    private const int MaxLength = 4096;

    private static readonly string[] Texts =
    [
        "", "a", "amqp:transfer:list", "x-opt-sequence-number", "x-opt-enqueued-time", "x-opt-scheduled-enqueue-time", "x-opt-locked-until",
        "x-opt-message-state", "DeadLetterReason", "jobs", "jobs/$management", "$cbs", "täxt ✓", "amqp:header:list", "amqp:data:binary", new('x', 300),
    ];

    private readonly byte[] _buffer = new byte[MaxLength * 4];
    private int _length;

    /// <summary>What was written last.</summary>
    public Span<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>A message: sections, mostly in order.</summary>
    public WireGenerator Message()
    {
        _length = 0;
        byte[] sections = [0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x78];
        foreach (var section in sections)
        {
            if (Often())
            {
                Section(Rarely() ? (byte)random.Next(0x6f, 0x7a) : section);
            }
        }

        return Maybe(Mutate);
    }

    /// <summary>A frame, from its size field on.</summary>
    /// <param name="performative">The performative, or null for any.</param>
    public WireGenerator Frame(byte? performative = null)
    {
        _length = 0;
        Write(0, 0, 0, 0, Rarely() ? (byte)random.Next(5) : (byte)2, Rarely() ? (byte)random.Next(3) : (byte)0);
        Write(0, Rarely() ? (byte)random.Next(256) : (byte)random.Next(2));
        var kind = performative ?? (byte)random.Next(0x10, 0x19);
        if (!Rarely())
        {
            Descriptor(kind);
            Performative(kind);
        }

        if (kind == 0x14 && Often())
        {
            Section(0x75);
        }

        Maybe(Mutate);
        BinaryPrimitives.WriteInt32BigEndian(_buffer, Rarely() ? random.Next() : _length);
        return this;
    }

    /// <summary>Any value.</summary>
    public WireGenerator Value()
    {
        _length = 0;
        Value(random.Next(6));
        return Maybe(Mutate);
    }

    /// <summary>Bytes of any kind.</summary>
    public WireGenerator Noise()
    {
        _length = random.Next(200);
        random.NextBytes(Bytes);
        return this;
    }

    /// <summary>Values in values, to any depth.</summary>
    public WireGenerator Nested(int depth)
    {
        _length = 0;
        for (; depth > 0 && _length < MaxLength; depth--)
        {
            switch (random.Next(3))
            {
                case 0:
                    Write(0x00, 0x53, (byte)random.Next(256));
                    break;
                case 1:
                    Write(0xd0, 0, 0, 0x10, 0, 0, 0, 0, 1);
                    break;
                default:
                    Write(0x00);
                    break;
            }
        }

        return this;
    }

    /// <summary>Changes some bytes, takes some out, doubles some, or cuts the end off.</summary>
    public void Mutate()
    {
        for (var times = random.Next(1, 4); times > 0 && _length > 0; times--)
        {
            var at = random.Next(_length);
            switch (random.Next(6))
            {
                case 0:
                    _buffer[at] = (byte)random.Next(256);
                    break;
                case 1:
                    _buffer[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    _length = at;
                    break;
                case 3:
                    _buffer[at] = (byte)(random.Next(2) == 0 ? 0xff : 0x00);
                    break;
                case 4:
                    var cut = random.Next(Math.Min(8, _length - at) + 1);
                    _buffer.AsSpan(at + cut, _length - at - cut).CopyTo(_buffer.AsSpan(at));
                    _length -= cut;
                    break;
                default:
                    var doubled = random.Next(Math.Min(32, _length - at) + 1);
                    _buffer.AsSpan(at, _length - at).CopyTo(_buffer.AsSpan(at + doubled));
                    _length += doubled;
                    break;
            }
        }
    }

    private void Section(byte section)
    {
        Descriptor(section);
        switch (section)
        {
            case 0x70:
                List(random.Next(6), 1, index => Choose(index, () => Boolean(), () => UByte(), () => Unsigned(), () => Boolean(), () => Unsigned()));
                break;
            case 0x73:
                List(random.Next(14), 1, index =>
                {
                    if (index is 8 or 9)
                    {
                        Timestamp();
                    }
                    else
                    {
                        Value(0);
                    }
                });
                break;
            case 0x71 or 0x72 or 0x74 or 0x78:
                Map(random.Next(5));
                break;
            case 0x75:
                Binary();
                break;
            default:
                Value(3);
                break;
        }
    }

    private void Performative(byte kind) => List(random.Next(15), kind is 0x13 or 0x14 or 0x15 ? 3 : 2, index =>
    {
        switch (random.Next(4))
        {
            case 0:
                Write(0x40);
                break;
            case 1:
                Value(2);
                break;
            default:
                // Mostly what these fields are: numbers and booleans, and the states of dispositions.
                Choose(index, () => Boolean(), () => Unsigned(), () => Unsigned(), () => Unsigned(), () => State(), () => Unsigned(), () => Unsigned());
                break;
        }
    });

    private void State()
    {
        var state = (byte)random.Next(0x23, 0x28);
        Descriptor(state);
        List(random.Next(4), 1, index =>
        {
            if (state == 0x25 && index == 0)
            {
                Descriptor(0x1d);
                List(random.Next(4), 1, field => Choose(field, () => Text(), () => Text(), () => Map(random.Next(4))));
            }
            else
            {
                Choose(index, () => Boolean(), () => Boolean(), () => Map(random.Next(4)));
            }
        });
    }

    private void Value(int depth)
    {
        if (_length > MaxLength)
        {
            Write(0x40);
            return;
        }

        switch (random.Next(depth > 0 ? 14 : 9))
        {
            case 0:
                Write(0x40);
                break;
            case 1:
                Boolean();
                break;
            case 2 or 3:
                Unsigned();
                break;
            case 4 or 5:
                Text();
                break;
            case 6:
                Binary();
                break;
            case 7:
                Timestamp();
                break;
            case 8:
                byte[] constructors = [0x51, 0x54, 0x55, 0x61, 0x71, 0x72, 0x73, 0x74, 0x81, 0x82, 0x84, 0x94, 0x98, (byte)random.Next(256)];
                var constructor = constructors[random.Next(constructors.Length)];
                Write(constructor);
                Noise(constructor >> 4 is var width and > 4 and < 10 ? 1 << (width - 5) : 0);
                break;
            case 9 or 10:
                List(random.Next(5), 1, _ => Value(depth - 1));
                break;
            case 11:
                Map(random.Next(4));
                break;
            case 12:
                Array(depth);
                break;
            default:
                Write(0x00);
                Value(0);
                Value(depth - 1);
                break;
        }
    }

    private void Descriptor(byte number)
    {
        switch (random.Next(40))
        {
            case 0:
                Write(0x00, 0x80, 0, 0, 0, 0, 0, 0, 0, number);
                break;
            case 1:
                Write(0x00);
                Text(0xa3);
                break;
            default:
                Write(0x00, 0x53, number);
                break;
        }
    }

    private void Boolean()
    {
        switch (random.Next(3))
        {
            case 0:
                Write(0x41);
                break;
            case 1:
                Write(0x42);
                break;
            default:
                Write(0x56, (byte)random.Next(3));
                break;
        }
    }

    private void UByte() => Write(0x50, (byte)random.Next(256));

    private void Unsigned()
    {
        switch (random.Next(5))
        {
            case 0:
                Write(0x43);
                break;
            case 1:
                Write(0x44);
                break;
            case 2:
                Write((byte)random.Next(0x52, 0x54), (byte)random.Next(256));
                break;
            case 3:
                Write(0x70);
                Noise(4);
                break;
            default:
                Write(0x80);
                Noise(8);
                break;
        }
    }

    private void Timestamp()
    {
        Write(0x83);
        Span<byte> value = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(value, random.Next(6) switch
        {
            0 => long.MinValue,
            1 => long.MaxValue,
            2 => random.NextInt64(),
            3 => 0,
            _ => random.NextInt64(1_700_000_000_000, 2_000_000_000_000),
        });
        value.CopyTo(_buffer.AsSpan(_length));
        _length += 8;
    }

    private void Text(byte? constructor = null)
    {
        var text = Encoding.UTF8.GetBytes(Texts[random.Next(Texts.Length)]);
        if (text.Length > 255 || Rarely())
        {
            Write(random.Next(2) == 0 ? (byte)0xb1 : (byte)0xb3, 0, 0, (byte)(text.Length >> 8), (byte)text.Length);
        }
        else
        {
            Write(constructor ?? (random.Next(2) == 0 ? (byte)0xa1 : (byte)0xa3), (byte)text.Length);
        }

        Write(text);
    }

    private void Binary()
    {
        var length = random.Next(40);
        Write(0xa0, (byte)length);
        Noise(length);
    }

    private void Array(int depth)
    {
        var start = _length;
        var count = Rarely() ? random.Next(2000) : random.Next(5);
        Write(0xf0, 0, 0, 0, 0, 0, 0, (byte)(count >> 8), (byte)count);
        byte[] elements = [0x40, 0x41, 0x45, 0x50, 0x71, 0x81, 0x83, 0x98];
        var element = elements[random.Next(elements.Length)];
        Write(element);
        Noise(element >> 4 == 4 || depth == 0 ? 0 : Math.Min(count, 100) * (1 << ((element >> 4) - 5)));
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(start + 1), _length - start - 5);
    }

    private void Map(int pairs) => Compound(0xd1, pairs * 2, index =>
    {
        if (index % 2 == 0)
        {
            Text();
        }
        else
        {
            Value(1);
        }
    });

    private void List(int count, int least, Action<int> element) => Compound(0xd0, Math.Max(count, least), element);

    private void Compound(byte constructor, int count, Action<int> element)
    {
        var start = _length;
        Write(Rarely() ? (byte)(constructor ^ 1) : constructor, 0, 0, 0, 0, 0, 0, 0, (byte)(Rarely() ? random.Next(256) : count));
        for (var index = 0; index < count; index++)
        {
            element(index);
        }

        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(start + 1), _length - start - 5);
    }

    private static void Choose(int index, params Action[] choices) => choices[index % choices.Length]();

    private void Noise(int count)
    {
        random.NextBytes(_buffer.AsSpan(_length, count));
        _length += count;
    }

    private void Write(params ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    private WireGenerator Maybe(Action action)
    {
        if (random.Next(2) == 0)
        {
            action();
        }

        return this;
    }

    private bool Often() => random.Next(4) != 0;

    private bool Rarely() => random.Next(30) == 0;
}
