namespace KedaJobs.ServiceBus.Amqp.Framing;

/// <summary>One end of a link: a source (AMQP 1.0, part 3.5.3), a target (3.5.4), or the coordinator of transactions (4.5.1).</summary>
internal sealed class Terminus
{
    private const int FilterIndex = 7;

    private Terminus(ulong kind, byte[] encoded) => (Kind, Encoded) = (kind, encoded);

    /// <summary>The descriptor; 0 for another one.</summary>
    public ulong Kind { get; }

    public byte[] Encoded { get; }

    public string? Address { get; private init; }

    /// <summary>A source's filters by name, or null for none. A described filter stands for what it describes.</summary>
    public AmqpMap? Filters { get; private init; }

    public static Terminus? Read(ref WireReader reader)
    {
        var start = reader.Position;
        if (reader.Peek() == WireReader.Null)
        {
            reader.Skip();
            return null;
        }

        var kind = reader.ReadDescriptor();
        var (count, end) = reader.ReadList();
        string? address = null;
        AmqpMap? filters = null;
        for (var field = 0; field < count; field++)
        {
            if (field == 0 && kind is Descriptors.Source or Descriptors.Target)
            {
                address = reader.Peek() is 0xa1 or 0xb1 or WireReader.Null
                    ? reader.ReadText()
                    : throw new WireFormatException("An address is not a string.");
            }
            else if (field == FilterIndex && kind == Descriptors.Source)
            {
                filters = AmqpValues.Read(ref reader) as AmqpMap;
            }
            else
            {
                reader.Skip();
            }
        }

        return reader.Position == end
            ? new Terminus(kind, reader.Since(start).ToArray()) { Address = address, Filters = filters }
            : throw new WireFormatException("A source or target is not as long as it says.");
    }

    /// <summary>The value of a filter, without its descriptor.</summary>
    public object? Filter(string name) => Filters?[name] is var value && value is AmqpDescribed described ? described.Value : value;

    /// <summary>The source with other filters.</summary>
    public ReadOnlySpan<byte> WithFilters(AmqpMap filters)
    {
        var reader = new WireReader(Encoded);
        reader.ReadDescriptor();
        var (count, _) = reader.ReadList();
        var writer = WireWriter.Growing(Encoded.Length + 128);
        writer.Descriptor(Kind);
        var list = writer.BeginCompound(0xd0);
        for (var field = 0; field < Math.Max(count, FilterIndex + 1); field++)
        {
            var start = reader.Position;
            if (field < count)
            {
                reader.Skip();
            }

            if (field == FilterIndex)
            {
                AmqpValues.Write(ref writer, filters);
            }
            else if (field < count)
            {
                writer.Raw(reader.Since(start));
            }
            else
            {
                writer.Null();
            }
        }

        writer.EndCompound(list, Math.Max(count, FilterIndex + 1));
        return writer.Written;
    }
}
