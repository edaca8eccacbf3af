using System.Buffers.Binary;
using System.Text;

namespace KedaJobs.Tests.ServiceBus.Fuzzing;

/// <summary>The values that messages and frames are made of.</summary>
internal sealed partial class WireGenerator
{
    private static readonly string[] Texts =
    [
        "", "a", "amqp:transfer:list", "x-opt-sequence-number", "x-opt-enqueued-time", "x-opt-scheduled-enqueue-time", "x-opt-locked-until",
        "x-opt-message-state", "DeadLetterReason", "jobs", "jobs/$management", "$cbs", "täxt ✓", "amqp:header:list", "amqp:data:binary",
        new('x', 300),
    ];

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
                byte[] constructors =
                [
                    0x51, 0x54, 0x55, 0x61, 0x71, 0x72, 0x73, 0x74, 0x81, 0x82, 0x84, 0x94, 0x98, (byte)random.Next(256),
                ];
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
}
