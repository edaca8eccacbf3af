namespace KedaJobs.ServiceBus.Amqp.Framing;

/// <summary>Attaches a link (AMQP 1.0, part 2.7.3). Source and target are kept as they were encoded: the answer repeats them.</summary>
internal sealed class Attach
{
    /// <summary>A sender that sends settled deliveries only.</summary>
    public const byte SettledMode = 1;

    public string Name { get; init; } = "";

    public uint Handle { get; init; }

    /// <summary>Whether the client receives on the link.</summary>
    public bool IsReceiver { get; init; }

    public byte? SenderSettleMode { get; init; }

    public byte? ReceiverSettleMode { get; init; }

    /// <summary>Where messages come from; null where the attach names none.</summary>
    public Terminus? Source { get; init; }

    /// <summary>Where messages go to; null where the attach names none.</summary>
    public Terminus? Target { get; init; }

    /// <summary>The delivery count that the client begins with, where it is the sender.</summary>
    public uint InitialDeliveryCount { get; init; }

    public AmqpMap? Properties { get; init; }

    public static Attach Read(ref WireReader reader)
    {
        var (count, end) = reader.ReadList();
        var name = (count > 0 ? reader.ReadText() : null) ?? throw Missing("name");
        var handle = (count > 1 ? reader.ReadUInt() : null) ?? throw Missing("handle");
        var isReceiver = (count > 2 ? reader.ReadBoolean() : null) ?? throw Missing("role");
        var senderMode = count > 3 ? reader.ReadUnsigned() : null;
        var receiverMode = count > 4 ? reader.ReadUnsigned() : null;
        var source = count > 5 ? Terminus.Read(ref reader) : null;
        var target = count > 6 ? Terminus.Read(ref reader) : null;
        for (var field = 7; field < Math.Min(count, 9); field++)
        {
            reader.Skip();
        }

        var deliveryCount = count > 9 ? reader.ReadUInt() : null;
        for (var field = 10; field < Math.Min(count, 13); field++)
        {
            reader.Skip();
        }

        var properties = count > 13 ? AmqpValues.Read(ref reader) as AmqpMap : null;
        reader.SkipRest(count - 14, end);
        return new Attach
        {
            Name = name,
            Handle = handle,
            IsReceiver = isReceiver,
            SenderSettleMode = (byte?)senderMode,
            ReceiverSettleMode = (byte?)receiverMode,
            Source = source,
            Target = target,
            InitialDeliveryCount = deliveryCount ?? 0,
            Properties = properties,
        };
    }

    /// <summary>Writes the answer that attaches the link.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="source">The source, encoded; empty for none.</param>
    /// <param name="target">The target, encoded; empty for none.</param>
    /// <param name="maxMessageSize">The largest message, in bytes; 0 for no limit.</param>
    /// <param name="properties">The link's properties, or null.</param>
    public void WriteAnswer(
        ref WireWriter writer, ReadOnlySpan<byte> source, ReadOnlySpan<byte> target, ulong maxMessageSize, AmqpMap? properties)
    {
        writer.Descriptor(Descriptors.Attach);
        var list = writer.BeginCompound(0xd0);
        writer.String(Name);
        writer.UInt(Handle);
        writer.Boolean(!IsReceiver);
        WriteMode(ref writer, SenderSettleMode);
        WriteMode(ref writer, ReceiverSettleMode);
        WriteOrNull(ref writer, source);
        WriteOrNull(ref writer, target);
        writer.Null();
        writer.Null();
        if (IsReceiver)
        {
            writer.UInt(0);
        }
        else
        {
            writer.Null();
        }

        writer.ULong(maxMessageSize);
        writer.Null();
        writer.Null();
        AmqpValues.Write(ref writer, properties);
        writer.EndCompound(list, 14);
    }

    private static void WriteMode(ref WireWriter writer, byte? mode)
    {
        if (mode is { } value)
        {
            writer.UByte(value);
        }
        else
        {
            writer.Null();
        }
    }

    private static void WriteOrNull(ref WireWriter writer, ReadOnlySpan<byte> encoded)
    {
        if (encoded.IsEmpty)
        {
            writer.Null();
        }
        else
        {
            writer.Raw(encoded);
        }
    }

    private static WireFormatException Missing(string field) => new($"An attach has no {field}.");
}
