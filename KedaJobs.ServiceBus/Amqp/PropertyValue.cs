using System.Buffers.Binary;
using System.Text;
using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>Values of application properties, between their encoding and what rules compute with.</summary>
internal static class PropertyValue
{
    // .NET types that have no AMQP type of their own travel as described values under these names.
    private const string TimeSpanName = "com.microsoft:timespan";
    private const string DateTimeOffsetName = "com.microsoft:datetime-offset";
    private const string UriName = "com.microsoft:uri";

    /// <summary>Those of the last moment of the calendar.</summary>
    private const long MaxTicks = 3_155_378_975_999_999_999;

    /// <summary>Reads a value; of the types that no rule takes it says only that there is one.</summary>
    public static SqlValue Read(ref WireReader reader)
    {
        switch (reader.Peek())
        {
            case WireReader.Null:
                reader.Skip();
                return SqlValue.Unknown;
            case 0x41 or 0x42 or 0x56:
                return SqlValue.Of(reader.ReadBoolean()!.Value);
            case 0x43 or 0x44 or 0x50 or 0x52 or 0x53 or 0x60 or 0x70 or 0x80:
                return SqlValue.Of((object)reader.ReadUnsigned()!.Value);
            case 0x51 or 0x54 or 0x55 or 0x61 or 0x71 or 0x81:
                return SqlValue.Of(reader.ReadSigned());
            case 0x72:
                return SqlValue.Of((double)BinaryPrimitives.ReadSingleBigEndian(reader.TakeFixed(4)));
            case 0x82:
                return SqlValue.Of(BinaryPrimitives.ReadDoubleBigEndian(reader.TakeFixed(8)));
            case 0x73:
                return Rune.TryCreate(BinaryPrimitives.ReadInt32BigEndian(reader.TakeFixed(4)), out var rune)
                    ? SqlValue.Of(rune.ToString())
                    : SqlValue.OfOther();
            case 0x83:
                return SqlValue.Of(reader.ReadTimestamp()!.Value);
            case 0x98:
                return SqlValue.Of(new Guid(reader.TakeFixed(16), bigEndian: true));
            case 0xa1 or 0xa3 or 0xb1 or 0xb3:
                return SqlValue.Of(reader.ReadText());
            case WireReader.Described:
                return ReadDescribed(ref reader);
            default:
                reader.Skip();
                return SqlValue.OfOther();
        }
    }

    /// <summary>
    /// The value as <see cref="AmqpValues"/> encodes it. In place of a number it takes that number's type, if it can: halving an <c>int</c>
    /// gives an <c>int</c> (Microsoft Learn: SET "performs implicit conversion if possible").
    /// </summary>
    /// <param name="value">The value.</param>
    /// <param name="replaced">The constructor of the value that it replaces, or null.</param>
    public static object? ToAmqp(in SqlValue value, byte? replaced)
    {
        var plain = value.ToObject();
        return (plain, replaced) switch
        {
            (long number, 0x51) when number is >= sbyte.MinValue and <= sbyte.MaxValue => (sbyte)number,
            (long number, 0x61) when number is >= short.MinValue and <= short.MaxValue => (short)number,
            (long number, 0x54 or 0x71) when number is >= int.MinValue and <= int.MaxValue => (int)number,
            (long number, 0x50) when number is >= 0 and <= byte.MaxValue => (byte)number,
            (long number, 0x60) when number is >= 0 and <= ushort.MaxValue => (ushort)number,
            (long number, 0x43 or 0x52 or 0x70) when number is >= 0 and <= uint.MaxValue => (uint)number,
            (long number, 0x44 or 0x53 or 0x80) when number >= 0 => (ulong)number,
            (long number, 0x82) => (double)number,
            (long number, 0x72) => (float)number,
            (double number, 0x72) => (float)number,
            _ => ToAmqp(plain),
        };
    }

    /// <summary>A value in the type that travels for it.</summary>
    public static object? ToAmqp(object? value) => value switch
    {
        TimeSpan duration => new AmqpDescribed(new AmqpSymbol(TimeSpanName), duration.Ticks),
        DateTimeOffset time => new AmqpDescribed(new AmqpSymbol(DateTimeOffsetName), time.UtcTicks),
        Uri uri => new AmqpDescribed(new AmqpSymbol(UriName), uri.OriginalString),
        _ => value,
    };

    /// <summary>The value that a type stands for which travels for another.</summary>
    public static object? FromAmqp(object? value) => value is AmqpDescribed described
        ? (described.Descriptor.ToString(), described.Value) switch
        {
            (TimeSpanName, long ticks) => new TimeSpan(ticks),
            (DateTimeOffsetName, long ticks and >= 0 and <= MaxTicks) => new DateTime(ticks, DateTimeKind.Utc),
            (UriName, string uri) => uri,
            _ => value,
        }
        : value;

    private static SqlValue ReadDescribed(ref WireReader reader)
    {
        var whole = reader;
        reader.Skip();
        whole.ReadByte();
        if (whole.Peek() is not (0xa3 or 0xb3))
        {
            return SqlValue.OfOther();
        }

        return (whole.ReadText(), whole.Peek()) switch
        {
            (TimeSpanName, 0x55 or 0x81) => SqlValue.Of(new TimeSpan(whole.ReadSigned())),
            (DateTimeOffsetName, 0x55 or 0x81) when whole.ReadSigned() is >= 0 and <= MaxTicks and var ticks =>
                SqlValue.Of(new DateTime(ticks, DateTimeKind.Utc)),
            (UriName, 0xa1 or 0xb1) => SqlValue.Of(whole.ReadText()),
            _ => SqlValue.OfOther(),
        };
    }
}
