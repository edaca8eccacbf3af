namespace KedaJobs.ServiceBus.Amqp;

/// <summary>Where the sections of an encoded message lie, and the values in them that decide about its fate (AMQP 1.0, part 3.2).</summary>
internal readonly record struct Sections
{
    public bool? Durable { get; init; }

    public byte? Priority { get; init; }

    public uint? HeaderTtl { get; init; }

    /// <summary>Whether the sender says that nobody has acquired the message before.</summary>
    public bool IsFirstAcquirer { get; init; }

    /// <summary>The pairs of the delivery annotations.</summary>
    public Range DeliveryAnnotations { get; init; }

    /// <summary>The pairs of the message annotations.</summary>
    public Range Annotations { get; init; }

    public int AnnotationCount { get; init; }

    /// <summary>Whether there are annotations that only a broker sets, as in a received message that is sent on.</summary>
    public bool HasBrokerAnnotations { get; init; }

    public DateTime? ScheduledEnqueueTime { get; init; }

    /// <summary>Where the properties section begins, or what stands in its place.</summary>
    public int BareStart { get; init; }

    /// <summary>The properties section, empty if there is none.</summary>
    public Range Properties { get; init; }

    /// <summary>The message id's value, empty if there is none.</summary>
    public Range MessageId { get; init; }

    /// <summary>The group id's value, empty if there is none.</summary>
    public Range GroupId { get; init; }

    /// <summary>The application properties section, or where one would be.</summary>
    public Range ApplicationProperties { get; init; }

    public TimeSpan TimeToLive { get; init; }

    /// <summary>The value of absolute-expiry-time, empty if there is none.</summary>
    public Range AbsoluteExpiryTime { get; init; }

    /// <summary>The properties' creation-time.</summary>
    public DateTime? CreationTime { get; init; }

    /// <summary>
    /// Reads over a message and checks that it is well-formed. From the properties on the order is not looked at: the JavaScript client
    /// writes a footer before the body.
    /// </summary>
    /// <exception cref="WireFormatException">It is not.</exception>
    public static Sections Read(ReadOnlySpan<byte> encoded)
    {
        var reader = new WireReader(encoded);
        var sections = new Sections { TimeToLive = TimeSpan.MaxValue, BareStart = -1 };
        var seen = 0UL;
        while (!reader.AtEnd)
        {
            var start = reader.Position;
            var section = reader.ReadDescriptor();
            Check(section, seen, sections.BareStart >= 0);
            seen |= 1UL << (int)(section & 0xf);
            if (section >= Descriptors.Properties && sections.BareStart < 0)
            {
                sections = sections with { BareStart = start, Properties = start..start };
            }

            switch (section)
            {
                case Descriptors.Header:
                    sections = HeaderSection.Read(ref reader, sections);
                    break;
                case Descriptors.DeliveryAnnotations:
                    sections = DeliveryAnnotationsSection.Read(ref reader, sections);
                    break;
                case Descriptors.MessageAnnotations:
                    sections = AnnotationsSection.Read(ref reader, sections);
                    break;
                case Descriptors.Properties:
                    sections = PropertiesSection.Read(ref reader, start, sections);
                    break;
                case Descriptors.ApplicationProperties:
                    ApplicationPropertiesSection.Check(ref reader);
                    sections = sections with { ApplicationProperties = start..reader.Position };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (sections.BareStart < 0)
        {
            sections = sections with { BareStart = encoded.Length, Properties = encoded.Length..encoded.Length };
        }

        if (sections.ApplicationProperties.End.Value == 0)
        {
            sections = sections with { ApplicationProperties = sections.Properties.End..sections.Properties.End };
        }

        // A ttl field ends at 49 days; clients that want more say so by the two times in the properties.
        return sections.TimeToLive == TimeSpan.MaxValue && sections.HeaderTtl is { } ttl
            ? sections with { TimeToLive = TimeSpan.FromMilliseconds(ttl) }
            : sections;
    }

    private static void Check(ulong section, ulong seen, bool isBare)
    {
        if (section is < Descriptors.Header or > Descriptors.Footer)
        {
            throw new WireFormatException("The message has an unknown section.");
        }

        var isRepeated = (seen & (1UL << (int)(section & 0xf))) != 0;
        if ((isRepeated && section is not (Descriptors.Data or Descriptors.Sequence)) || (isBare && section < Descriptors.Properties))
        {
            throw new WireFormatException("The sections of the message are repeated or out of order.");
        }
    }
}

/// <summary>The header section: a list of durable, priority, ttl, first-acquirer, delivery-count.</summary>
internal static class HeaderSection
{
    public static Sections Read(ref WireReader reader, in Sections sections)
    {
        var (count, end) = reader.ReadList();
        var durable = count > 0 ? reader.ReadBoolean() : null;
        var priority = count > 1 ? (byte?)reader.ReadUnsigned() : null;
        var ttl = count > 2 ? (uint?)reader.ReadUnsigned() : null;
        var isFirstAcquirer = count > 3 && reader.ReadBoolean() == true;
        for (var index = 4; index < count; index++)
        {
            reader.Skip();
        }

        return reader.Position == end
            ? sections with { Durable = durable, Priority = priority, HeaderTtl = ttl, IsFirstAcquirer = isFirstAcquirer }
            : throw new WireFormatException("The header is not as long as it says.");
    }
}
