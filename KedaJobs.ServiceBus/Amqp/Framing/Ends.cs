namespace KedaJobs.ServiceBus.Amqp.Framing;

/// <summary>Ends a link (AMQP 1.0, part 2.7.7).</summary>
internal static class Detach
{
    public static uint Read(ref WireReader reader)
    {
        var (count, end) = reader.ReadList();
        var handle = (count > 0 ? reader.ReadUInt() : null) ?? throw new WireFormatException("A detach has no handle.");
        reader.SkipRest(count - 1, end);
        return handle;
    }

    /// <summary>Writes a detach that ends the link for good.</summary>
    public static void Write(ref WireWriter writer, uint handle, Error? error)
    {
        writer.Descriptor(Descriptors.Detach);
        var list = writer.BeginCompound(0xd0);
        writer.UInt(handle);
        writer.Boolean(true);
        error?.Write(ref writer);
        writer.EndCompound(list, error is null ? 2 : 3);
    }
}

/// <summary>Ends a session (AMQP 1.0, part 2.7.8), or a connection (2.7.9).</summary>
internal static class EndOrClose
{
    public static void Write(ref WireWriter writer, ulong descriptor, Error? error)
    {
        writer.Descriptor(descriptor);
        var list = writer.BeginCompound(0xd0);
        error?.Write(ref writer);
        writer.EndCompound(list, error is null ? 0 : 1);
    }
}
