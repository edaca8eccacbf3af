namespace KedaJobs.ServiceBus.Amqp;

/// <summary>The message annotations: a map that sender and broker share.</summary>
internal static class AnnotationsSection
{
    public const string SequenceNumber = "x-opt-sequence-number";
    public const string EnqueuedTime = "x-opt-enqueued-time";
    public const string LockedUntil = "x-opt-locked-until";
    public const string EnqueueSequenceNumber = "x-opt-enqueue-sequence-number";
    public const string MessageState = "x-opt-message-state";
    public const string DeadLetterSource = "x-opt-deadletter-source";
    public const string PartitionKey = "x-opt-partition-key";
    public const string TransactionPartitionKey = "x-opt-via-partition-key";
    public const string ScheduledEnqueueTime = "x-opt-scheduled-enqueue-time";

    public static Sections Read(ref WireReader reader, in Sections sections)
    {
        var (count, end) = reader.ReadMap();
        var start = reader.Position;
        var hasBrokerAnnotations = false;
        DateTime? scheduled = null;
        for (var pair = 0; pair < count / 2; pair++)
        {
            var key = ReadKey(ref reader);
            if (key == ScheduledEnqueueTime && reader.Peek() is 0x83 or WireReader.Null)
            {
                scheduled = reader.ReadTimestamp();
            }
            else
            {
                hasBrokerAnnotations |= IsBrokers(key);
                reader.Skip();
            }
        }

        return reader.Position == end
            ? sections with
            {
                Annotations = start..end,
                AnnotationCount = count / 2,
                HasBrokerAnnotations = hasBrokerAnnotations,
                ScheduledEnqueueTime = scheduled,
            }
            : throw new WireFormatException("The message annotations are not as long as they say.");
    }

    /// <summary>The message without what another broker, or this one, said about an earlier life of it.</summary>
    public static byte[] WithoutBrokerKeys(ReadOnlySpan<byte> encoded, in Sections sections)
    {
        var result = new byte[encoded.Length + 16];
        var writer = new WireWriter(result);
        BeforeAnnotations(encoded, ref writer);
        writer.Descriptor(Descriptors.MessageAnnotations);
        var map = writer.BeginCompound(0xd1);
        var kept = 0;
        var annotations = encoded[sections.Annotations];
        var reader = new WireReader(annotations);
        while (!reader.AtEnd)
        {
            var start = reader.Position;
            var key = ReadKey(ref reader);
            reader.Skip();
            if (!IsBrokers(key))
            {
                writer.Raw(annotations[start..reader.Position]);
                kept++;
            }
        }

        writer.EndCompound(map, kept * 2);
        writer.Raw(encoded[sections.BareStart..]);
        return result[..writer.Position];
    }

    /// <summary>Reads a text among the annotations; null if there is none of this name.</summary>
    public static string? ReadText(ReadOnlySpan<byte> annotations, string name)
    {
        var reader = new WireReader(annotations);
        while (!reader.AtEnd)
        {
            var isSought = ReadKey(ref reader) == name;
            if (isSought && reader.Peek() is 0xa1 or 0xb1)
            {
                return reader.ReadText();
            }

            reader.Skip();
        }

        return null;
    }

    /// <summary>The header and the delivery annotations.</summary>
    private static void BeforeAnnotations(ReadOnlySpan<byte> encoded, ref WireWriter writer)
    {
        var reader = new WireReader(encoded);
        var end = 0;
        while (reader.ReadDescriptor() < Descriptors.MessageAnnotations)
        {
            reader.Skip();
            end = reader.Position;
        }

        writer.Raw(encoded[..end]);
    }

    private static bool IsBrokers(string? key) =>
        key is SequenceNumber or EnqueuedTime or LockedUntil or EnqueueSequenceNumber or MessageState or DeadLetterSource;

    /// <summary>Keys are symbols, or numbers that are reserved; those are of no interest here.</summary>
    internal static string? ReadKey(ref WireReader reader)
    {
        if (reader.Peek() is 0xa1 or 0xa3 or 0xb1 or 0xb3)
        {
            return reader.ReadText();
        }

        reader.Skip();
        return null;
    }
}
