namespace KedaJobs.ServiceBus.Amqp.Framing;

/// <summary>Begins or continues a delivery; its part of the message follows in the frame (AMQP 1.0, part 2.7.5).</summary>
internal readonly record struct Transfer
{
    /// <summary>More than the performative takes that <see cref="Write"/> writes, with the frame's header.</summary>
    public const int MaxHead = 64;

    public uint Handle { get; init; }

    /// <summary>Continuations may leave it out.</summary>
    public uint? DeliveryId { get; init; }

    public uint? MessageFormat { get; init; }

    /// <summary>Whether the sender wants no answer; continuations may leave it out.</summary>
    public bool? Settled { get; init; }

    /// <summary>Whether more frames follow for the same message.</summary>
    public bool More { get; init; }

    public DeliveryState State { get; init; }

    /// <summary>Whether the sender takes the message back.</summary>
    public bool Aborted { get; init; }

    public static Transfer Read(ref WireReader reader)
    {
        var (count, end) = reader.ReadList();
        var handle = (count > 0 ? reader.ReadUInt() : null) ?? throw new WireFormatException("A transfer has no handle.");
        var deliveryId = count > 1 ? reader.ReadUInt() : null;
        if (count > 2)
        {
            reader.Skip();
        }

        var format = count > 3 ? reader.ReadUInt() : null;
        var settled = count > 4 ? reader.ReadBoolean() : null;
        var more = count > 5 ? reader.ReadBoolean() : null;
        if (count > 6)
        {
            reader.Skip();
        }

        var state = count > 7 ? DeliveryState.Read(ref reader) : default;
        if (count > 8)
        {
            reader.Skip();
        }

        var aborted = count > 9 ? reader.ReadBoolean() : null;
        reader.SkipRest(count - 10, end);
        return new Transfer
        {
            Handle = handle,
            DeliveryId = deliveryId,
            MessageFormat = format,
            Settled = settled,
            More = more ?? false,
            State = state,
            Aborted = aborted ?? false,
        };
    }

    /// <summary>Writes the performative of a delivery's frame.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="tag">The delivery-tag.</param>
    public void Write(ref WireWriter writer, ReadOnlySpan<byte> tag)
    {
        writer.Descriptor(Descriptors.Transfer);
        var list = writer.BeginCompound(0xd0);
        writer.UInt(Handle);
        writer.UInt(DeliveryId!.Value);
        writer.Binary(tag);
        writer.UInt(0);
        writer.Boolean(Settled!.Value);
        writer.Boolean(More);
        writer.EndCompound(list, 6);
    }
}
