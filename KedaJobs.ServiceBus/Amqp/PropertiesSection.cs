using System.Globalization;
using System.Text;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>
/// The properties section: a list of message-id, user-id, to, subject, reply-to, correlation-id, content-type, content-encoding,
/// absolute-expiry-time, creation-time, group-id, group-sequence, reply-to-group-id.
/// </summary>
internal static class PropertiesSection
{
    private const int MessageIdIndex = 0;
    private const int AbsoluteExpiryTimeIndex = 8;
    private const int CreationTimeIndex = 9;
    private const int GroupIdIndex = 10;
    private const int ContentTypeIndex = 6;
    private const int FieldCount = 13;

    public static Sections Read(ref WireReader reader, int sectionStart, in Sections sections)
    {
        var (count, end) = reader.ReadList();
        Range messageId = default, groupId = default, expiryValue = default;
        DateTime? expiry = null, creation = null;
        for (var index = 0; index < count; index++)
        {
            var start = reader.Position;
            switch (index)
            {
                case AbsoluteExpiryTimeIndex:
                    expiry = reader.ReadTimestamp();
                    expiryValue = expiry is null ? default : start..reader.Position;
                    break;
                case CreationTimeIndex:
                    creation = reader.ReadTimestamp();
                    break;
                case MessageIdIndex or GroupIdIndex:
                    var constructor = reader.Peek();
                    reader.Skip();

                    // A text without characters identifies nothing: the JavaScript client cannot settle such a message either.
                    var isNone = (constructor, reader.Position - start) is (WireReader.Null, _) or (0xa1, 2) or (0xb1, 5);
                    var value = isNone ? default : start..reader.Position;
                    (messageId, groupId) = index == MessageIdIndex ? (value, groupId) : (messageId, value);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (reader.Position != end)
        {
            throw new WireFormatException("The properties are not as long as they say.");
        }

        return sections with
        {
            Properties = sectionStart..end,
            MessageId = messageId,
            GroupId = groupId,
            AbsoluteExpiryTime = expiryValue,
            CreationTime = creation,
            TimeToLive = expiry is { } to && creation is { } from && to > from && to < DateTime.MaxValue ? to - from : TimeSpan.MaxValue,
        };
    }

    /// <summary>The message id as text, whichever of the four allowed types it has.</summary>
    public static string ReadMessageId(ReadOnlySpan<byte> value)
    {
        var reader = new WireReader(value);
        switch (reader.Peek())
        {
            case 0xa1 or 0xb1:
                return reader.ReadText()!;
            case 0x44 or 0x53 or 0x80:
                return reader.ReadUnsigned()!.Value.ToString(CultureInfo.InvariantCulture);
            case 0x98:
                return new Guid(value[1..17], bigEndian: true).ToString();
            default:
                // Binary, or something that is not allowed: its bytes tell it apart from others all the same.
                return Convert.ToHexString(value);
        }
    }

    /// <summary>A value as text, or null if it is none.</summary>
    public static string? ReadText(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value[0] is not (0xa1 or 0xb1))
        {
            return null;
        }

        return new WireReader(value).ReadText();
    }

    /// <summary>Reads one of the texts among the fields; null where the sender set none.</summary>
    public static string? Read(ReadOnlySpan<byte> section, SystemProperty property)
    {
        var value = Field(section, IndexOf(property));
        return value.IsEmpty || value[0] == WireReader.Null ? null
            : property is SystemProperty.MessageId or SystemProperty.CorrelationId ? ReadMessageId(value)
            : value[0] is 0xa1 or 0xa3 or 0xb1 or 0xb3 ? new WireReader(value).ReadText()
            : null;
    }

    /// <summary>
    /// The message with texts set among the fields, or removed where they are null; the other fields keep their encoding.
    /// </summary>
    public static byte[] With(ReadOnlySpan<byte> encoded, in Sections sections, IReadOnlyDictionary<SystemProperty, string?> changes)
    {
        var texts = changes.ToDictionary(change => IndexOf(change.Key), change => change.Value);
        var section = encoded[sections.Properties];
        var result = new byte[encoded.Length + FieldCount + 16
            + texts.Values.Sum(text => 5 + Encoding.UTF8.GetMaxByteCount(text?.Length ?? 0))];
        var writer = new WireWriter(result);
        writer.Raw(encoded[..sections.Properties.Start.Value]);
        writer.Descriptor(Descriptors.Properties);
        var list = writer.BeginCompound(0xd0);
        for (var index = 0; index < FieldCount; index++)
        {
            if (!texts.TryGetValue(index, out var text))
            {
                var kept = Field(section, index);
                writer.Raw(kept.IsEmpty ? [WireReader.Null] : kept);
            }
            else if (text is null)
            {
                writer.Null();
            }
            else if (index == ContentTypeIndex)
            {
                writer.Symbol(text);
            }
            else
            {
                writer.String(text);
            }
        }

        writer.EndCompound(list, FieldCount);
        writer.Raw(encoded[sections.Properties.End.Value..]);
        return result[..writer.Position];
    }

    /// <summary>Writes the section with the time of the expiry, and with the time of the creation if the sender set none.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="section">The section, or empty for none.</param>
    /// <param name="created">The time of the creation, if the sender set none.</param>
    /// <param name="timeToLive">From there to the expiry.</param>
    public static void WriteWithExpiry(ref WireWriter writer, ReadOnlySpan<byte> section, DateTime created, TimeSpan timeToLive)
    {
        var creation = Field(section, CreationTimeIndex) is { IsEmpty: false } sent ? new WireReader(sent).ReadTimestamp() : null;
        var reader = new WireReader(section);
        var count = 0;
        if (!section.IsEmpty)
        {
            reader.ReadDescriptor();
            (count, _) = reader.ReadList();
        }

        writer.Descriptor(Descriptors.Properties);
        var list = writer.BeginCompound(0xd0);
        var written = Math.Max(count, CreationTimeIndex + 1);
        for (var index = 0; index < written; index++)
        {
            var start = reader.Position;
            if (index < count)
            {
                reader.Skip();
            }

            switch (index)
            {
                case AbsoluteExpiryTimeIndex:
                    writer.Timestamp(Deadline.After(creation ?? created, timeToLive));
                    break;
                case CreationTimeIndex:
                    writer.Timestamp(creation ?? created);
                    break;
                case var _ when index < count:
                    writer.Raw(reader.Since(start));
                    break;
                default:
                    writer.Null();
                    break;
            }
        }

        writer.EndCompound(list, written);
    }

    private static int IndexOf(SystemProperty property) => property switch
    {
        SystemProperty.MessageId => MessageIdIndex,
        SystemProperty.To => 2,
        SystemProperty.Label => 3,
        SystemProperty.ReplyTo => 4,
        SystemProperty.CorrelationId => 5,
        SystemProperty.ContentType => ContentTypeIndex,
        SystemProperty.SessionId => GroupIdIndex,
        SystemProperty.ReplyToSessionId => 12,
        _ => throw new ArgumentOutOfRangeException(nameof(property), property, "It is not a text among the properties."),
    };

    /// <summary>The encoding of a field of the section; empty where the list ends before.</summary>
    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> section, int index)
    {
        if (section.IsEmpty)
        {
            return [];
        }

        var reader = new WireReader(section);
        reader.ReadDescriptor();
        var (count, _) = reader.ReadList();
        if (index >= count)
        {
            return [];
        }

        for (var before = 0; before < index; before++)
        {
            reader.Skip();
        }

        var start = reader.Position;
        reader.Skip();
        return section[start..reader.Position];
    }

    /// <summary>The message with a message id in place of none.</summary>
    public static ReadOnlyMemory<byte> WithMessageId(ReadOnlySpan<byte> encoded, in Sections sections, Guid messageId)
    {
        const int IdLength = 32;
        var result = new byte[encoded.Length + IdLength + 16];
        var writer = new WireWriter(result);
        writer.Raw(encoded[..sections.Properties.Start.Value]);
        writer.Descriptor(Descriptors.Properties);
        var list = writer.BeginCompound(0xd0);
        writer.Byte(0xa1);
        writer.Byte(IdLength);
        messageId.TryFormat(writer.Take(IdLength), out _, "N");
        var count = 1;
        var section = encoded[sections.Properties];
        if (!section.IsEmpty)
        {
            var reader = new WireReader(section);
            reader.ReadDescriptor();
            (count, _) = reader.ReadList();
            if (count == 0)
            {
                count = 1;
            }
            else
            {
                reader.Skip();
                writer.Raw(section[reader.Position..]);
            }
        }

        writer.EndCompound(list, count);
        writer.Raw(encoded[sections.Properties.End.Value..]);

        // No second copy to save the few bytes of room that are left.
        return result.AsMemory(0, writer.Position);
    }
}
