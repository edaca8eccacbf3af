namespace KedaJobs.ServiceBus.Amqp.Framing;

/// <summary>The performative <c>disposition</c>: what becomes of deliveries (AMQP 1.0, part 2.7.6).</summary>
internal readonly record struct DispositionFrame
{
    /// <summary>Whether the sender of the frame is the receiver of the deliveries.</summary>
    public bool IsReceiver { get; init; }

    public uint First { get; init; }

    public uint Last { get; init; }

    public bool Settled { get; init; }

    public DeliveryState State { get; init; }

    public static DispositionFrame Read(ref WireReader reader)
    {
        var (count, end) = reader.ReadList();
        var isReceiver = (count > 0 ? reader.ReadBoolean() : null) ?? throw new WireFormatException("A disposition has no role.");
        var first = (count > 1 ? reader.ReadUInt() : null) ?? throw new WireFormatException("A disposition has no first.");
        var last = count > 2 ? reader.ReadUInt() : null;
        var settled = count > 3 ? reader.ReadBoolean() : null;
        var state = count > 4 ? DeliveryState.Read(ref reader) : default;
        reader.SkipRest(count - 5, end);
        return new DispositionFrame
        {
            IsReceiver = isReceiver,
            First = first,
            Last = last ?? first,
            Settled = settled ?? false,
            State = state,
        };
    }

    /// <summary>Writes a disposition.</summary>
    public static void Write(ref WireWriter writer, bool isReceiver, uint first, uint last, in Outcome outcome, bool isSettled)
    {
        writer.Descriptor(Descriptors.Disposition);
        var list = writer.BeginCompound(0xd0);
        writer.Boolean(isReceiver);
        writer.UInt(first);
        writer.UInt(last);
        writer.Boolean(isSettled);
        outcome.Write(ref writer);
        writer.EndCompound(list, 5);
    }
}
