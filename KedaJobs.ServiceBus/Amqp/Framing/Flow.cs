namespace KedaJobs.ServiceBus.Amqp.Framing;

/// <summary>Says what a session, and one of its links, is ready to take (AMQP 1.0, part 2.7.4).</summary>
internal readonly record struct Flow
{
    /// <summary>A credit or window beyond this one could not be told from a negative one in arithmetic modulo 2^32.</summary>
    public const uint Most = int.MaxValue / 2;

    /// <summary>Null from a peer that has not seen the answer to its begin.</summary>
    public uint? NextIncomingId { get; init; }

    public uint IncomingWindow { get; init; }

    public uint NextOutgoingId { get; init; }

    public uint OutgoingWindow { get; init; }

    /// <summary>The link that the following fields are about; null if it is about the session only.</summary>
    public uint? Handle { get; init; }

    /// <summary>How many deliveries there were on the link, modulo 2^32.</summary>
    public uint DeliveryCount { get; init; }

    /// <summary>How many more the receiver takes.</summary>
    public uint LinkCredit { get; init; }

    /// <summary>Whether credit that cannot be used now is to be given up.</summary>
    public bool Drain { get; init; }

    /// <summary>Whether the other side is asked for its state.</summary>
    public bool Echo { get; init; }

    /// <summary>The delivery count up to which the sender may send, modulo 2^32.</summary>
    public uint Limit => unchecked(DeliveryCount + LinkCredit);

    public static Flow Read(ref WireReader reader)
    {
        var (count, end) = reader.ReadList();
        var nextIncomingId = count > 0 ? reader.ReadUInt() : null;
        var incomingWindow = (count > 1 ? reader.ReadUInt() : null) ?? throw new WireFormatException("A flow has no incoming-window.");
        var nextOutgoingId = count > 2 ? reader.ReadUInt() : null;
        var outgoingWindow = count > 3 ? reader.ReadUInt() : null;
        var handle = count > 4 ? reader.ReadUInt() : null;
        var deliveryCount = count > 5 ? reader.ReadUInt() : null;
        var linkCredit = count > 6 ? reader.ReadUInt() : null;
        if (count > 7)
        {
            reader.Skip();
        }

        var drain = count > 8 ? reader.ReadBoolean() : null;
        var echo = count > 9 ? reader.ReadBoolean() : null;
        reader.SkipRest(count - 10, end);
        return new Flow
        {
            NextIncomingId = nextIncomingId,
            IncomingWindow = Math.Min(incomingWindow, Most),
            NextOutgoingId = nextOutgoingId ?? 0,
            OutgoingWindow = outgoingWindow ?? 0,
            Handle = handle,
            DeliveryCount = deliveryCount ?? 0,
            LinkCredit = Math.Min(linkCredit ?? 0, Most),
            Drain = drain ?? false,
            Echo = echo ?? false,
        };
    }

    public void Write(ref WireWriter writer)
    {
        writer.Descriptor(Descriptors.Flow);
        var list = writer.BeginCompound(0xd0);
        writer.UInt(NextIncomingId!.Value);
        writer.UInt(IncomingWindow);
        writer.UInt(NextOutgoingId);
        writer.UInt(OutgoingWindow);
        if (Handle is not { } handle)
        {
            writer.EndCompound(list, 4);
            return;
        }

        writer.UInt(handle);
        writer.UInt(DeliveryCount);
        writer.UInt(LinkCredit);
        writer.Null();
        writer.Boolean(Drain);
        writer.EndCompound(list, 9);
    }
}
