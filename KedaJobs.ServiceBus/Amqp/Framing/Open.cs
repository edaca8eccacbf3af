namespace KedaJobs.ServiceBus.Amqp.Framing;

/// <summary>Negotiates a connection (AMQP 1.0, part 2.7.1).</summary>
internal readonly record struct Open
{
    /// <summary>The least that a max-frame-size may be, in bytes.</summary>
    public const uint LeastMaxFrameSize = 512;

    public string ContainerId { get; init; }

    public string? Hostname { get; init; }

    public uint MaxFrameSize { get; init; }

    public ushort ChannelMax { get; init; }

    /// <summary>In milliseconds; 0 for none.</summary>
    public uint IdleTimeOut { get; init; }

    public static Open Read(ref WireReader reader)
    {
        var (count, end) = reader.ReadList();
        var open = new Open
        {
            ContainerId = (count > 0 ? reader.ReadText() : null) ?? throw new WireFormatException("An open has no container-id."),
            Hostname = count > 1 ? reader.ReadText() : null,
            MaxFrameSize = (count > 2 ? reader.ReadUInt() : null) ?? uint.MaxValue,
            ChannelMax = (count > 3 ? reader.ReadUShort() : null) ?? ushort.MaxValue,
            IdleTimeOut = (count > 4 ? reader.ReadUInt() : null) ?? 0,
        };
        reader.SkipRest(count - 5, end);
        return open;
    }

    public void Write(ref WireWriter writer)
    {
        writer.Descriptor(Descriptors.Open);
        var list = writer.BeginCompound(0xd0);
        writer.String(ContainerId);
        writer.Null();
        writer.UInt(MaxFrameSize);
        writer.UShort(ChannelMax);
        writer.UInt(IdleTimeOut);
        writer.EndCompound(list, 5);
    }
}
