namespace KedaJobs.ServiceBus.Amqp.Framing;

/// <summary>Why something was refused or ended (AMQP 1.0, part 2.8.14).</summary>
/// <param name="Condition">The condition, by which clients tell errors apart.</param>
/// <param name="Description">For humans.</param>
internal sealed record Error(string Condition, string Description)
{
    public void Write(ref WireWriter writer)
    {
        writer.Descriptor(Descriptors.Error);
        var list = writer.BeginCompound(0xd0);
        writer.Symbol(Condition);
        writer.String(Description);
        writer.EndCompound(list, 2);
    }
}
