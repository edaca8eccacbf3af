using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Durability;

/// <summary>What the log says of a queue. The numbers are part of the format.</summary>
internal enum RecordKind : byte
{
    /// <summary>created, updated: times; then the declaration as JSON.</summary>
    Queue = 1,

    /// <summary>The queue is gone.</summary>
    QueueDeleted = 2,

    /// <summary>All of a message, whatever was said of this number before: see <see cref="Records.WriteMessage"/>.</summary>
    Message = 3,

    /// <summary>part, number: the message is not here any more.</summary>
    Removed = 4,

    /// <summary>part, number: a delivery began.</summary>
    Delivering = 5,

    /// <summary>part, number, delivery count i32, state: the delivery is over.</summary>
    Changed = 6,

    /// <summary>session id, time, whether there is a state, then the state.</summary>
    SessionState = 7,

    /// <summary>message id, time: an entry of the duplicate history.</summary>
    Remembered = 8,

    /// <summary>Of no queue: the broker stopped in order. Nothing was given out that the log does not have.</summary>
    Closed = 9,

    /// <summary>As <see cref="Queue"/>, of a topic.</summary>
    Topic = 10,

    /// <summary>created, updated: times; then the topic's id and the declaration with its rules as JSON.</summary>
    Subscription = 11,

    /// <summary>Of no queue: the payload of another queue's frame. All those of one frame are parts of one transaction.</summary>
    Turn = 12,
}

/// <summary>The records of the log: kind u8, length of the body i32, body.</summary>
internal static class Records
{
    public const int HeaderSize = 5;

    public static int WriteMessage(RecordWriter writer, SubQueueKind part, BrokerMessage message)
    {
        var start = writer.BeginRecord(RecordKind.Message);
        writer.Byte((byte)part);
        writer.Int64(message.SequenceNumber);
        writer.Int64(message.EnqueuedSequenceNumber);
        writer.Time(message.EnqueuedTime);
        writer.Time(message.ExpiresAt);
        writer.Int32(message.DeliveryCount);
        writer.Byte((byte)message.State);
        writer.Byte(message.Hops);
        writer.Text(message.DeadLetterSource);
        writer.Int32(message.Content.Size);
        writer.Rest(message.Content.Encoded.Span);
        return writer.EndRecord(start);
    }

    /// <summary>Reads a message.</summary>
    /// <param name="reader">The record's body.</param>
    /// <param name="contents">Makes its content.</param>
    /// <param name="part">The part of the queue that it is in.</param>
    public static BrokerMessage ReadMessage(ref RecordReader reader, ContentReader contents, out SubQueueKind part)
    {
        part = (SubQueueKind)reader.Byte();
        var (number, enqueuedNumber) = (reader.Int64(), reader.Int64());
        var (enqueued, expires) = (reader.Time(), reader.Time());
        var deliveries = reader.Int32();
        var (state, hops) = ((MessageState)reader.Byte(), reader.Byte());
        var source = reader.Text();
        var size = reader.Int32();
        return new BrokerMessage(contents.Read(reader.Rest(), size))
        {
            SequenceNumber = number,
            EnqueuedSequenceNumber = enqueuedNumber,
            EnqueuedTime = enqueued,
            ExpiresAt = expires,
            DeliveryCount = deliveries,
            State = state,
            Hops = hops,
            DeadLetterSource = source,
        };
    }

    public static void WriteNumber(RecordWriter writer, RecordKind kind, SubQueueKind part, long number)
    {
        var start = writer.BeginRecord(kind);
        writer.Byte((byte)part);
        writer.Int64(number);
        writer.EndRecord(start);
    }

    public static void WriteChanged(RecordWriter writer, SubQueueKind part, BrokerMessage message)
    {
        var start = writer.BeginRecord(RecordKind.Changed);
        writer.Byte((byte)part);
        writer.Int64(message.SequenceNumber);
        writer.Int32(message.DeliveryCount);
        writer.Byte((byte)message.State);
        writer.EndRecord(start);
    }

    public static int WriteSessionState(RecordWriter writer, string sessionId, byte[]? state, DateTime lastUpdated)
    {
        var start = writer.BeginRecord(RecordKind.SessionState);
        writer.Text(sessionId);
        writer.Time(lastUpdated);
        writer.Byte(state is null ? (byte)0 : (byte)1);
        writer.Rest(state);
        return writer.EndRecord(start);
    }

    public static int WriteRemembered(RecordWriter writer, RememberedId id)
    {
        var start = writer.BeginRecord(RecordKind.Remembered);
        writer.Time(id.At);
        writer.Text(id.Id);
        return writer.EndRecord(start);
    }

    public static void WriteEmpty(RecordWriter writer, RecordKind kind) => writer.EndRecord(writer.BeginRecord(kind));
}
