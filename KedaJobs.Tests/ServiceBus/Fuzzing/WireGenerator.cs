using System.Buffers.Binary;

namespace KedaJobs.Tests.ServiceBus.Fuzzing;

/// <summary>
/// Writes AMQP that is mostly well-formed and often wrong in one place: in a size, a count, a type, an order or a bit. What is random all
/// over is refused at its first byte, and would test nothing behind it.
/// </summary>
internal sealed partial class WireGenerator(Random random)
{
    private const int MaxLength = 4096;

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
                List(
                    random.Next(6), 1,
                    index => Choose(index, () => Boolean(), () => UByte(), () => Unsigned(), () => Boolean(), () => Unsigned()));
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
                Choose(
                    index, () => Boolean(), () => Unsigned(), () => Unsigned(), () => Unsigned(), () => State(), () => Unsigned(),
                    () => Unsigned());
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
