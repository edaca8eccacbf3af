using System.Text;
using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>
/// Encodes a message for a receiver: a new header, the annotations of sender and broker, and the rest as it was sent, but for the time at
/// which the message expires where the queue decides that.
/// </summary>
internal static class DeliveryEncoder
{
    private static readonly byte[] SequenceNumber = Symbol(AnnotationsSection.SequenceNumber);
    private static readonly byte[] EnqueuedTime = Symbol(AnnotationsSection.EnqueuedTime);
    private static readonly byte[] LockedUntil = Symbol(AnnotationsSection.LockedUntil);
    private static readonly byte[] EnqueueSequenceNumber = Symbol(AnnotationsSection.EnqueueSequenceNumber);
    private static readonly byte[] MessageState = Symbol(AnnotationsSection.MessageState);
    private static readonly byte[] DeadLetterSource = Symbol(AnnotationsSection.DeadLetterSource);

    /// <summary>
    /// More than the header, the broker's annotations and the time of the expiry can take, but for the dead-letter source.
    /// </summary>
    private const int Overhead = 384;

    /// <summary>The most that a message can take, in bytes.</summary>
    public static int MaxSize(MessageContent content, string? deadLetterSource)
    {
        var amqp = (AmqpContent)content;
        return Overhead + (deadLetterSource is null ? 0 : Encoding.UTF8.GetMaxByteCount(deadLetterSource.Length))
            + amqp.DeliveryAnnotations.Length + amqp.Annotations.Length + amqp.BareLength;
    }

    /// <summary>Encodes a message.</summary>
    /// <returns>The encoded message.</returns>
    public static byte[] Encode(in MessageSnapshot message)
    {
        var bytes = new byte[MaxSize(message.Content, message.DeadLetterSource)];
        return bytes[..Encode(message, bytes)];
    }

    /// <summary>Encodes a message into bytes that have room for it (<see cref="MaxSize"/>).</summary>
    /// <returns>How many bytes it takes.</returns>
    public static int Encode(in MessageSnapshot message, Span<byte> bytes)
    {
        var content = (AmqpContent)message.Content;
        var writer = new WireWriter(bytes);
        WriteHeader(ref writer, content, message);
        DeliveryAnnotationsSection.Write(ref writer, content.DeliveryAnnotations, message.LockToken);
        WriteAnnotations(ref writer, content, message);
        WriteBare(ref writer, bytes, content, message);
        return writer.Position;
    }

    private static void WriteHeader(ref WireWriter writer, AmqpContent content, in MessageSnapshot message)
    {
        writer.Descriptor(Descriptors.Header);
        var list = writer.BeginCompound(0xd0);
        if (content.Durable is { } durable)
        {
            writer.Boolean(durable);
        }
        else
        {
            writer.Null();
        }

        if (content.Priority is { } priority)
        {
            writer.UByte(priority);
        }
        else
        {
            writer.Null();
        }

        if (TtlOf(content, message) is { } ttl)
        {
            writer.UInt(ttl);
        }
        else
        {
            writer.Null();
        }

        if (content.IsFirstAcquirer)
        {
            writer.Boolean(message.DeliveryCount == 0);
        }
        else
        {
            writer.Null();
        }

        writer.UInt((uint)message.DeliveryCount);
        writer.EndCompound(list, 5);
    }

    /// <summary>A queue's own time to live shortens the message's; receivers compute the expiry from what they see here.</summary>
    private static uint? TtlOf(AmqpContent content, in MessageSnapshot message)
    {
        if (message.ExpiresAt == DateTime.MaxValue)
        {
            return content.HeaderTtl;
        }

        var milliseconds = (message.ExpiresAt - message.EnqueuedTime).TotalMilliseconds;
        return milliseconds >= uint.MaxValue ? uint.MaxValue : (uint)milliseconds;
    }

    /// <summary>
    /// A message that expires says when: the header's ttl ends at 49 days, and the .NET client then takes the time to live from the
    /// properties (Microsoft Learn: "AMQP 1.0 in Azure Service Bus protocol guide", absolute-expiry-time).
    /// </summary>
    private static void WriteBare(ref WireWriter writer, Span<byte> bytes, AmqpContent content, in MessageSnapshot message)
    {
        if (message.ExpiresAt == DateTime.MaxValue || content.HasExpiry)
        {
            var bareStart = writer.Position;
            writer.Raw(content.Bare);
            ShortenExpiry(bytes[bareStart..], content, message);
            return;
        }

        var properties = content.PropertiesInBare;
        writer.Raw(content.Bare[..properties.Start]);
        PropertiesSection.WriteWithExpiry(
            ref writer, content.Bare[properties], message.EnqueuedTime, message.ExpiresAt - message.EnqueuedTime);
        writer.Raw(content.Bare[properties.End..]);
    }

    /// <summary>
    /// Where the queue's time to live is shorter than the message's, the time in its properties must say so too: the JavaScript client
    /// takes the time to live from there.
    /// </summary>
    private static void ShortenExpiry(Span<byte> bare, AmqpContent content, in MessageSnapshot message)
    {
        var timeToLive = message.ExpiresAt - message.EnqueuedTime;
        if (message.ExpiresAt != DateTime.MaxValue && timeToLive < content.TimeToLive && content.Expiry is var (creation, value))
        {
            var writer = new WireWriter(bare[value]);
            writer.Timestamp(Deadline.After(creation, timeToLive));
        }
    }

    private static void WriteAnnotations(ref WireWriter writer, AmqpContent content, in MessageSnapshot message)
    {
        writer.Descriptor(Descriptors.MessageAnnotations);
        var map = writer.BeginCompound(0xd1);
        var count = 4 + content.AnnotationCount;
        writer.Raw(content.Annotations);
        writer.Raw(SequenceNumber);
        writer.Long(message.SequenceNumber);
        writer.Raw(EnqueuedTime);
        writer.Timestamp(message.EnqueuedTime);
        writer.Raw(EnqueueSequenceNumber);
        writer.Long(message.EnqueuedSequenceNumber);
        writer.Raw(MessageState);
        writer.Int((int)message.State);
        if (message.LockedUntil is { } lockedUntil)
        {
            writer.Raw(LockedUntil);
            writer.Timestamp(lockedUntil);
            count++;
        }

        if (message.DeadLetterSource is { } source)
        {
            writer.Raw(DeadLetterSource);
            writer.String(source);
            count++;
        }

        writer.EndCompound(map, count * 2);
    }

    private static byte[] Symbol(string name) => [0xa3, (byte)name.Length, .. Encoding.ASCII.GetBytes(name)];
}
