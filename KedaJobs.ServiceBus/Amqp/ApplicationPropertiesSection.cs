using Amqp;
using Amqp.Framing;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>The application properties: a map of the sender's, to which settlement may add.</summary>
internal static class ApplicationPropertiesSection
{
    /// <summary>Passes over the section's value: it must be a map, because settlement may have to add to it.</summary>
    public static void Check(ref WireReader reader)
    {
        if (reader.Peek() is not (0xc1 or 0xd1))
        {
            throw new WireFormatException("The application properties are not a map.");
        }

        reader.Skip();
    }

    /// <summary>The message with properties added or replaced; those that stay keep their encoding.</summary>
    public static byte[] With(ReadOnlySpan<byte> encoded, in Sections sections, IEnumerable<KeyValuePair<string, object?>> changes)
    {
        var changed = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in changes)
        {
            changed[name] = value;
        }

        var additions = Encode(changed);
        var result = new byte[encoded.Length + additions.Length + 16];
        var writer = new WireWriter(result);
        writer.Raw(encoded[..sections.ApplicationProperties.Start.Value]);
        writer.Descriptor(Descriptors.ApplicationProperties);
        var map = writer.BeginCompound(0xd1);
        var kept = KeepOthers(encoded[sections.ApplicationProperties], changed, ref writer);
        writer.Raw(additions);
        writer.EndCompound(map, (kept + changed.Count) * 2);
        writer.Raw(encoded[sections.ApplicationProperties.End.Value..]);
        return result[..writer.Position];
    }

    private static int KeepOthers(ReadOnlySpan<byte> section, Dictionary<string, object?> changed, ref WireWriter writer)
    {
        if (section.IsEmpty)
        {
            return 0;
        }

        var reader = new WireReader(section);
        reader.ReadDescriptor();
        var (count, _) = reader.ReadMap();
        var kept = 0;
        for (var pair = 0; pair < count / 2; pair++)
        {
            var start = reader.Position;
            var key = reader.Peek() is 0xa1 or 0xb1 ? reader.ReadText() : SkipKey(ref reader);
            reader.Skip();
            if (key is null || !changed.ContainsKey(key))
            {
                writer.Raw(section[start..reader.Position]);
                kept++;
            }
        }

        return kept;
    }

    private static string? SkipKey(ref WireReader reader)
    {
        reader.Skip();
        return null;
    }

    /// <summary>The pairs' encoding, without the head of the map around them.</summary>
    private static ReadOnlySpan<byte> Encode(Dictionary<string, object?> properties)
    {
        var section = new ApplicationProperties();
        foreach (var (name, value) in properties)
        {
            section[name] = value;
        }

        var buffer = new ByteBuffer(256, autoGrow: true);
        section.Encode(buffer);
        var bytes = buffer.Buffer.AsSpan(buffer.Offset, buffer.Length);
        var reader = new WireReader(bytes);
        reader.ReadDescriptor();
        reader.ReadMap();
        return bytes[reader.Position..];
    }
}
