using System.Text;
using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>The application properties: a map of the sender's, to which settlement may add.</summary>
internal static class ApplicationPropertiesSection
{
    /// <summary>How long a name may be to be compared without a string of its own.</summary>
    private const int MaxStackName = 128;

    /// <summary>Passes over the section's value: it must be a map, because settlement may have to add to it.</summary>
    public static void Check(ref WireReader reader)
    {
        if (reader.Peek() is not (0xc1 or 0xd1))
        {
            throw new WireFormatException("The application properties are not a map.");
        }

        reader.Skip();
    }

    /// <summary>Reads a property, whose name is compared without regard to letter case. False if there is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> section, string name, out SqlValue value)
    {
        value = SqlValue.Unknown;
        if (section.IsEmpty)
        {
            return false;
        }

        var reader = new WireReader(section);
        reader.ReadDescriptor();
        var (count, _) = reader.ReadMap();
        for (var pair = 0; pair < count / 2; pair++)
        {
            if (reader.Peek() is not (0xa1 or 0xb1))
            {
                reader.Skip();
            }
            else if (IsName(reader.ReadTextBytes(), name))
            {
                value = PropertyValue.Read(ref reader);
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    /// <summary>The message with properties set (or, for null, removed) whose names are compared without regard to letter case.</summary>
    public static byte[] With(ReadOnlySpan<byte> encoded, in Sections sections, IReadOnlyDictionary<string, SqlValue?> edits)
    {
        var left = new Dictionary<string, SqlValue?>(edits, StringComparer.OrdinalIgnoreCase);
        var changed = new Dictionary<string, object?>(StringComparer.Ordinal);
        var removed = new HashSet<string>(StringComparer.Ordinal);
        var section = encoded[sections.ApplicationProperties];
        var reader = new WireReader(section);
        var count = 0;
        if (!section.IsEmpty)
        {
            reader.ReadDescriptor();
            (count, _) = reader.ReadMap();
        }

        for (var pair = 0; pair < count / 2; pair++)
        {
            var key = reader.Peek() is 0xa1 or 0xb1 ? reader.ReadText() : SkipKey(ref reader);
            if (key is not null && edits.TryGetValue(key, out var edit))
            {
                if (edit is { } value && left.Remove(key))
                {
                    changed[key] = PropertyValue.ToAmqp(value, reader.Peek());
                }
                else
                {
                    removed.Add(key);
                }
            }

            reader.Skip();
        }

        foreach (var (name, edit) in left)
        {
            if (edit is { } value)
            {
                changed[name] = PropertyValue.ToAmqp(value, replaced: null);
            }
        }

        return Write(encoded, sections, changed, removed);
    }

    /// <summary>The message with properties added or replaced; those that stay keep their encoding.</summary>
    public static byte[] With(ReadOnlySpan<byte> encoded, in Sections sections, IEnumerable<KeyValuePair<string, object?>> changes)
    {
        var changed = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in changes)
        {
            changed[name] = value;
        }

        return Write(encoded, sections, changed, []);
    }

    private static byte[] Write(
        ReadOnlySpan<byte> encoded, in Sections sections, Dictionary<string, object?> changed, HashSet<string> removed)
    {
        var additions = Encode(changed);
        var result = new byte[encoded.Length + additions.Length + 16];
        var writer = new WireWriter(result);
        writer.Raw(encoded[..sections.ApplicationProperties.Start.Value]);
        writer.Descriptor(Descriptors.ApplicationProperties);
        var map = writer.BeginCompound(0xd1);
        var kept = KeepOthers(encoded[sections.ApplicationProperties], changed, removed, ref writer);
        writer.Raw(additions);
        writer.EndCompound(map, (kept + changed.Count) * 2);
        writer.Raw(encoded[sections.ApplicationProperties.End.Value..]);
        return result[..writer.Position];
    }

    private static int KeepOthers(
        ReadOnlySpan<byte> section, Dictionary<string, object?> changed, HashSet<string> removed, ref WireWriter writer)
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
            if (key is null || !(changed.ContainsKey(key) || removed.Contains(key)))
            {
                writer.Raw(section[start..reader.Position]);
                kept++;
            }
        }

        return kept;
    }

    private static bool IsName(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length > MaxStackName)
        {
            return Encoding.UTF8.GetString(bytes).Equals(name, StringComparison.OrdinalIgnoreCase);
        }

        Span<char> characters = stackalloc char[MaxStackName];
        var length = Encoding.UTF8.GetChars(bytes, characters);
        return ((ReadOnlySpan<char>)characters[..length]).Equals(name, StringComparison.OrdinalIgnoreCase);
    }

    private static string? SkipKey(ref WireReader reader)
    {
        reader.Skip();
        return null;
    }

    /// <summary>The pairs' encoding, without the head of the map around them.</summary>
    private static ReadOnlySpan<byte> Encode(Dictionary<string, object?> properties)
    {
        var writer = WireWriter.Growing();
        foreach (var (name, value) in properties)
        {
            writer.String(name);
            AmqpValues.Write(ref writer, value);
        }

        return writer.Written;
    }
}
