using System.Text;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>
/// The delivery annotations: a map. Service Bus delivers the sender's, and adds the lock token (Microsoft Learn: "AMQP 1.0 in Azure Service
/// Bus: request-response-based operations", on lock tokens).
/// </summary>
internal static class DeliveryAnnotationsSection
{
    private const string LockToken = "x-opt-lock-token";
    private static readonly byte[] LockTokenKey = [0xa3, (byte)LockToken.Length, .. Encoding.ASCII.GetBytes(LockToken)];

    public static Sections Read(ref WireReader reader, in Sections sections)
    {
        if (reader.Peek() is not (0xc1 or 0xd1))
        {
            reader.Skip();
            return sections;
        }

        var (count, end) = reader.ReadMap();
        var start = reader.Position;
        reader.SkipRest(count, end);
        return sections with { DeliveryAnnotations = start..end };
    }

    /// <summary>Writes the sender's annotations and the lock token, if there are any or there is one.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="annotations">The sender's pairs, encoded.</param>
    /// <param name="lockToken">The token, or none: the sender's own, from an earlier life of the message, never goes on.</param>
    public static void Write(ref WireWriter writer, ReadOnlySpan<byte> annotations, Guid lockToken)
    {
        if (annotations.IsEmpty && lockToken == Guid.Empty)
        {
            return;
        }

        writer.Descriptor(Descriptors.DeliveryAnnotations);
        var map = writer.BeginCompound(0xd1);
        var count = 0;
        var reader = new WireReader(annotations);
        while (!reader.AtEnd)
        {
            var start = reader.Position;
            var key = AnnotationsSection.ReadKey(ref reader);
            reader.Skip();
            if (key != LockToken)
            {
                writer.Raw(reader.Since(start));
                count++;
            }
        }

        if (lockToken != Guid.Empty)
        {
            writer.Raw(LockTokenKey);
            writer.Uuid(lockToken);
            count++;
        }

        writer.EndCompound(map, count * 2);
    }
}
