namespace KedaJobs.ServiceBus.Amqp.Framing;

/// <summary>Begins a session on a channel (AMQP 1.0, part 2.7.2).</summary>
internal readonly record struct Begin
{
    /// <summary>The peer's channel of the session, in the answer to its begin.</summary>
    public ushort? RemoteChannel { get; init; }

    public uint NextOutgoingId { get; init; }

    public uint IncomingWindow { get; init; }

    public uint OutgoingWindow { get; init; }

    public uint HandleMax { get; init; }

    public static Begin Read(ref WireReader reader)
    {
        var (count, end) = reader.ReadList();
        var begin = new Begin
        {
            RemoteChannel = count > 0 ? reader.ReadUShort() : null,
            NextOutgoingId = (count > 1 ? reader.ReadUInt() : null) ?? throw Missing("next-outgoing-id"),
            IncomingWindow = Math.Min((count > 2 ? reader.ReadUInt() : null) ?? throw Missing("incoming-window"), Flow.Most),
            OutgoingWindow = (count > 3 ? reader.ReadUInt() : null) ?? throw Missing("outgoing-window"),
            HandleMax = (count > 4 ? reader.ReadUInt() : null) ?? uint.MaxValue,
        };
        reader.SkipRest(count - 5, end);
        return begin;
    }

    public void Write(ref WireWriter writer)
    {
        writer.Descriptor(Descriptors.Begin);
        var list = writer.BeginCompound(0xd0);
        writer.UShort(RemoteChannel!.Value);
        writer.UInt(NextOutgoingId);
        writer.UInt(IncomingWindow);
        writer.UInt(OutgoingWindow);
        writer.UInt(HandleMax);
        writer.EndCompound(list, 5);
    }

    private static WireFormatException Missing(string field) => new($"A begin has no {field}.");
}
