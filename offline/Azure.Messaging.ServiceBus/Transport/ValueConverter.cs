using System.Collections;
using System.Numerics;
using Amqp.Types;

namespace Azure.Messaging.ServiceBus.Transport;

/// <summary>.NET values to AMQP values and back, with the described types that the .NET client uses for those AMQP lacks.</summary>
internal static class ValueConverter
{
    private static readonly Symbol TimeSpanType = "com.microsoft:timespan";
    private static readonly Symbol UriType = "com.microsoft:uri";
    private static readonly Symbol DateTimeOffsetType = "com.microsoft:datetime-offset";

    // Decimal128 in its binary integer form: sign, exponent biased by this, and the 96 bits of a .NET decimal.
    private const int DecimalExponentBias = 6176;

    public static bool TryToAmqp(object value, out object converted)
    {
        converted = value switch
        {
            null or bool or byte or sbyte or short or ushort or int or uint or long or ulong
                or float or double or char or Guid or string or byte[] => value,
            DateTime time => time.ToUniversalTime(),
            TimeSpan span => new DescribedValue(TimeSpanType, span.Ticks),
            Uri uri => new DescribedValue(UriType, uri.AbsoluteUri),
            DateTimeOffset time => new DescribedValue(DateTimeOffsetType, time.UtcTicks),
            decimal number => ToDecimal128(number),
            ReadOnlyMemory<byte> bytes => bytes.ToArray(),
            ArraySegment<byte> bytes => bytes.ToArray(),
            BinaryData bytes => bytes.ToArray(),
            Stream stream => ReadAll(stream),
            _ => null,
        };
        return converted is not null || value is null;
    }

    public static object ToAmqp(string name, object value) => TryToAmqp(value, out var converted)
        ? converted
        : throw new NotSupportedException($"The application property '{name}' has the type {value.GetType()}, which AMQP cannot carry.");

    public static object ToNet(object value) => value switch
    {
        Symbol symbol => (string)symbol,
        DateTime time => DateTime.SpecifyKind(time, DateTimeKind.Utc),
        Amqp.Types.Decimal { Bytes.Length: 16 } number => FromDecimal128(number.Bytes),
        DescribedValue described => FromDescribed(described),
        Map map => map.ToDictionary(entry => ToNet(entry.Key).ToString(), entry => ToNet(entry.Value)),
        List list => list.Cast<object>().Select(ToNet).ToList(),
        IList and not Array => value,
        _ => value,
    };

    private static object FromDescribed(DescribedValue described)
    {
        if (described.Descriptor is not Symbol symbol)
        {
            return described.Value;
        }

        return (string)symbol switch
        {
            "com.microsoft:timespan" => TimeSpan.FromTicks((long)described.Value),
            "com.microsoft:uri" => new Uri((string)described.Value),
            "com.microsoft:datetime-offset" => new DateTimeOffset((long)described.Value, TimeSpan.Zero),
            _ => described.Value,
        };
    }

    private static Amqp.Types.Decimal ToDecimal128(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var exponent = DecimalExponentBias - ((parts[3] >> 16) & 0xFF);
        var high = (ulong)(uint)parts[2] | ((ulong)exponent << 49) | (value < 0 ? 1UL << 63 : 0);
        var low = ((ulong)(uint)parts[1] << 32) | (uint)parts[0];
        var bytes = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, high);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), low);
        return new Amqp.Types.Decimal(bytes);
    }

    private static decimal FromDecimal128(byte[] bytes)
    {
        var high = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes);
        var low = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(8));
        var exponent = (int)((high >> 49) & 0x3FFF) - DecimalExponentBias;
        var coefficient = (BigInteger)(((UInt128)(high & 0x1FFFFFFFFFFFF) << 64) | low);
        var number = exponent > 0
            ? (decimal)(coefficient * BigInteger.Pow(10, exponent))
            : (decimal)coefficient * new decimal(1, 0, 0, isNegative: false, (byte)-exponent);
        return high >> 63 == 1 ? -number : number;
    }

    private static byte[] ReadAll(Stream stream)
    {
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
