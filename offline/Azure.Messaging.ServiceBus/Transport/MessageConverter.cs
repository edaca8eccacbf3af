using System.Collections.ObjectModel;
using Amqp;
using Amqp.Framing;
using Amqp.Types;

namespace Azure.Messaging.ServiceBus.Transport;

/// <summary>Messages as the service wants and sends them, sections and annotations as the .NET client writes them.</summary>
internal static class MessageConverter
{
    /// <summary>message-format of a transfer whose data sections are whole messages.</summary>
    public const uint BatchFormat = 0x80013700;

    private static readonly DateTime MaxExpiry = DateTime.MaxValue.ToUniversalTime();
    private static readonly Symbol ScheduledEnqueueTime = WellKnown.ScheduledEnqueueTime;
    private static readonly Symbol PartitionKey = WellKnown.PartitionKey;
    private static readonly Symbol ViaPartitionKey = WellKnown.ViaPartitionKey;

    public static Message ToAmqp(ServiceBusMessage message)
    {
        var properties = new Properties();
        SetUnlessNull(message.MessageId, properties, static (p, v) => p.MessageId = v);
        SetUnlessNull(message.CorrelationId, properties, static (p, v) => p.CorrelationId = v);
        SetUnlessNull(message.ContentType, properties, static (p, v) => p.ContentType = v);
        SetUnlessNull(message.Subject, properties, static (p, v) => p.Subject = v);
        SetUnlessNull(message.To, properties, static (p, v) => p.To = v);
        SetUnlessNull(message.ReplyTo, properties, static (p, v) => p.ReplyTo = v);
        SetUnlessNull(message.SessionId, properties, static (p, v) => p.GroupId = v);
        SetUnlessNull(message.ReplyToSessionId, properties, static (p, v) => p.ReplyToGroupId = v);
        var result = new Message
        {
            Properties = properties,
            MessageAnnotations = Annotations(message),
            ApplicationProperties = ApplicationPropertiesOf(message),
            BodySection = Body(message.RawBody),
        };
        if (message.TimeToLive < TimeSpan.MaxValue)
        {
            result.Header = new Header { Ttl = (uint)Math.Min(message.TimeToLive.TotalMilliseconds, uint.MaxValue) };
            properties.CreationTime = DateTime.UtcNow;
            properties.AbsoluteExpiryTime = MaxExpiry - properties.CreationTime > message.TimeToLive
                ? properties.CreationTime + message.TimeToLive
                : MaxExpiry;
        }

        return result;
    }

    /// <summary>One transfer for many encoded messages; the envelope repeats the first one's ids.</summary>
    public static Message ToBatch(Message first, IEnumerable<Data> messages)
    {
        var body = new DataList();
        foreach (var message in messages)
        {
            body.Add(message);
        }

        var envelope = Envelope(first);
        envelope.BodySection = body;
        envelope.Format = BatchFormat;
        return envelope;
    }

    public static long EnvelopeSize(Message first)
    {
        var envelope = Envelope(first);
        var buffer = new ByteBuffer(128, autoGrow: true);
        envelope.MessageAnnotations?.Encode(buffer);
        envelope.Properties.Encode(buffer);
        return buffer.Length;
    }

    /// <summary>3 bytes of descriptor, then 1 + 1 or 1 + 4 for constructor and length.</summary>
    public static long DataSectionSize(int length) => length + (length <= byte.MaxValue ? 5 : 8);

    /// <summary>The encoded size if it is above the limit, else null. Encodes only what may come near it.</summary>
    public static long? SizeIfAbove(Message message, long limit)
    {
        const int BytesPerCharacter = 3;
        const int OtherValue = 64;
        long estimate = message.GetEstimatedMessageSize();
        foreach (var (name, value) in message.ApplicationProperties?.Map ?? [])
        {
            estimate += ((string)name).Length * BytesPerCharacter;
            estimate += value switch { string text => text.Length * BytesPerCharacter, byte[] bytes => bytes.Length, _ => OtherValue };
        }

        // Values, sequences and long ids are not in lite's estimate.
        if (estimate < limit / 2 && message.BodySection is Data or DataList)
        {
            return null;
        }

        var size = message.Encode().Length;
        return size > limit ? size : null;
    }

    /// <summary>A received message counts this delivery too; a peeked one shows its delivery count as it is.</summary>
    public static ServiceBusReceivedMessage FromAmqp(Message message, Guid lockToken, bool isPeeked)
    {
        var properties = message.Properties;
        var annotations = message.MessageAnnotations?.Map;
        return new ServiceBusReceivedMessage
        {
            LockTokenGuid = lockToken,
            RawBody = Body(message.BodySection),
            ApplicationProperties = ApplicationPropertiesOf(message),
            DeliveryCount = (int)(message.Header?.DeliveryCount ?? 0) + (isPeeked ? 0 : 1),
            TimeToLive = message.Header is { } header && header.HasField(2) ? TimeSpan.FromMilliseconds(header.Ttl) : TimeSpan.MaxValue,
            MessageId = properties?.GetMessageId()?.ToString(),
            CorrelationId = properties?.GetCorrelationId()?.ToString(),
            ContentType = properties?.ContentType,
            Subject = properties?.Subject,
            To = properties?.To,
            ReplyTo = properties?.ReplyTo,
            SessionId = properties?.GroupId,
            ReplyToSessionId = properties?.ReplyToGroupId,
            AbsoluteExpiryTime = properties is not null && properties.HasField(8) ? properties.AbsoluteExpiryTime : null,
            SequenceNumber = Annotation(annotations, WellKnown.SequenceNumber, -1L),
            EnqueuedSequenceNumber = Annotation(annotations, WellKnown.EnqueuedSequenceNumber, 0L),
            EnqueuedTime = Time(annotations, WellKnown.EnqueuedTime),
            LockedUntil = Time(annotations, WellKnown.LockedUntil),
            ScheduledEnqueueTime = Time(annotations, WellKnown.ScheduledEnqueueTime),
            PartitionKey = Annotation<string>(annotations, WellKnown.PartitionKey, null),
            TransactionPartitionKey = Annotation<string>(annotations, WellKnown.ViaPartitionKey, null),
            DeadLetterSource = Annotation<string>(annotations, WellKnown.DeadLetterSource, null),
            State = Annotation(annotations, WellKnown.MessageState, 0) switch
            {
                1 => ServiceBusMessageState.Deferred,
                2 => ServiceBusMessageState.Scheduled,
                _ => ServiceBusMessageState.Active,
            },
        };
    }

    private static Message Envelope(Message first)
    {
        var properties = new Properties();
        SetUnlessNull(first.Properties.MessageId, properties, static (p, v) => p.MessageId = v);
        SetUnlessNull(first.Properties.GroupId, properties, static (p, v) => p.GroupId = v);
        var envelope = new Message { Properties = properties };
        foreach (var key in (ReadOnlySpan<Symbol>)[PartitionKey, ViaPartitionKey])
        {
            if (first.MessageAnnotations?.Map.TryGetValue(key, out var value) == true)
            {
                (envelope.MessageAnnotations ??= new MessageAnnotations()).Map[key] = value;
            }
        }

        return envelope;
    }

    // A field that was never set does not travel; one set to null does.
    private static void SetUnlessNull(string value, Properties properties, Action<Properties, string> set)
    {
        if (value is not null)
        {
            set(properties, value);
        }
    }

    private static MessageAnnotations Annotations(ServiceBusMessage message)
    {
        if (message.ScheduledEnqueueTime == default && message.PartitionKey is null && message.TransactionPartitionKey is null)
        {
            return null;
        }

        var annotations = new MessageAnnotations();
        if (message.ScheduledEnqueueTime != default)
        {
            annotations.Map[ScheduledEnqueueTime] = message.ScheduledEnqueueTime.UtcDateTime;
        }

        if (message.PartitionKey is not null)
        {
            annotations.Map[PartitionKey] = message.PartitionKey;
        }

        if (message.TransactionPartitionKey is not null)
        {
            annotations.Map[ViaPartitionKey] = message.TransactionPartitionKey;
        }

        return annotations;
    }

    private static ApplicationProperties ApplicationPropertiesOf(ServiceBusMessage message)
    {
        if (message.ApplicationProperties.Count == 0)
        {
            return null;
        }

        var properties = new ApplicationProperties();
        foreach (var (name, value) in message.ApplicationProperties)
        {
            properties.Map[name] = ValueConverter.ToAmqp(name, value);
        }

        return properties;
    }

    private static ReadOnlyDictionary<string, object> ApplicationPropertiesOf(Message message)
    {
        if (message.ApplicationProperties is null)
        {
            return ReadOnlyDictionary<string, object>.Empty;
        }

        var properties = new Dictionary<string, object>(message.ApplicationProperties.Map.Count);
        foreach (var (name, value) in message.ApplicationProperties.Map)
        {
            properties[name.ToString()] = ValueConverter.ToNet(value);
        }

        return new ReadOnlyDictionary<string, object>(properties);
    }

    private static RestrictedDescribed Body(MessageBody body)
    {
        if (body.IsSequence)
        {
            return new AmqpSequence { List = (System.Collections.IList)body.Value };
        }

        if (!body.IsData)
        {
            return new AmqpValue { Value = body.Value };
        }

        if (body.Segments.Count <= 1)
        {
            return ToData(body.Segments.Count == 0 ? default : body.Segments[0]);
        }

        var list = new DataList();
        foreach (var segment in body.Segments)
        {
            list.Add(ToData(segment));
        }

        return list;
    }

    private static Data ToData(ReadOnlyMemory<byte> bytes) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var array) && array.Array is not null
            ? new Data { Buffer = new ByteBuffer(array.Array, array.Offset, array.Count, array.Count) }
            : new Data { Binary = bytes.ToArray() };

    private static MessageBody Body(RestrictedDescribed section) => section switch
    {
        Data data => MessageBody.FromData(Bytes(data)),
        DataList list => MessageBody.FromData(Enumerable.Range(0, list.Count).Select(i => Bytes(list[i])).ToArray()),
        AmqpSequence sequence => MessageBody.FromSequence(sequence.List),
        AmqpValue { Value: not null } value => MessageBody.FromValue(value.Value),
        _ => MessageBody.FromData(),
    };

    // lite's frame buffers are never reused without a BufferManager, so a slice is safe to keep.
    private static ReadOnlyMemory<byte> Bytes(Data data) => data.Buffer is { } buffer
        ? buffer.Buffer.AsMemory(buffer.Offset, buffer.Length)
        : data.Binary;

    private static T Annotation<T>(Map annotations, string name, T absent) =>
        annotations is not null && annotations.TryGetValue(new Symbol(name), out var value) && value is T typed ? typed : absent;

    private static DateTimeOffset Time(Map annotations, string name) =>
        annotations is not null && annotations.TryGetValue(new Symbol(name), out var value) && value is DateTime time
            ? new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc))
            : default;
}
