namespace KedaJobs.ServiceBus.Amqp;

/// <summary>What a flow frame says about a link (AMQP 1.0, part 2.7.4).</summary>
/// <param name="DeliveryCount">How many deliveries the receiver has seen, modulo 2^32.</param>
/// <param name="LinkCredit">How many more it is ready to take.</param>
/// <param name="Drain">Whether what cannot be used now is to be given up.</param>
internal readonly record struct LinkFlow(uint DeliveryCount, uint LinkCredit, bool Drain)
{
    private const int DeliveryCountIndex = 5;
    private const int LinkCreditIndex = 6;
    private const int DrainIndex = 8;

    /// <summary>A credit beyond this one could not be told from a negative one in arithmetic modulo 2^32.</summary>
    private const ulong MostCredit = int.MaxValue / 2;

    /// <summary>The delivery count up to which the sender may send, modulo 2^32.</summary>
    public uint Limit => unchecked(DeliveryCount + LinkCredit);

    /// <summary>Reads a flow performative, whose form was checked.</summary>
    public static LinkFlow Read(ReadOnlySpan<byte> performative)
    {
        var reader = new WireReader(performative);
        reader.ReadDescriptor();
        var (count, _) = reader.ReadList();
        var flow = default(LinkFlow);
        for (var index = 0; index < count; index++)
        {
            switch (index)
            {
                case DeliveryCountIndex:
                    flow = flow with { DeliveryCount = (uint)(reader.ReadUnsigned() ?? 0) };
                    break;
                case LinkCreditIndex:
                    flow = flow with { LinkCredit = (uint)Math.Min(reader.ReadUnsigned() ?? 0, MostCredit) };
                    break;
                case DrainIndex:
                    flow = flow with { Drain = reader.ReadBoolean() ?? false };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return flow;
    }
}
