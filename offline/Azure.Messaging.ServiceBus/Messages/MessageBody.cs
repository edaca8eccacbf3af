namespace Azure.Messaging.ServiceBus;

/// <summary>An AMQP body: data sections, or a value or sequence that <see cref="ServiceBusMessage.Body"/> cannot show.</summary>
internal readonly struct MessageBody
{
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _segments;

    private MessageBody(IReadOnlyList<ReadOnlyMemory<byte>> segments, object value, bool isSequence)
    {
        _segments = segments;
        Value = value;
        IsSequence = isSequence;
    }

    public bool IsData => Value is null && !IsSequence;

    /// <summary>Body of an amqp-value or amqp-sequence section; null for data.</summary>
    public object Value { get; }

    public bool IsSequence { get; }

    public IReadOnlyList<ReadOnlyMemory<byte>> Segments => _segments ?? [];

    public static MessageBody FromData(params IReadOnlyList<ReadOnlyMemory<byte>> segments) => new(segments, null, isSequence: false);

    public static MessageBody FromValue(object value) => new(null, value, isSequence: false);

    public static MessageBody FromSequence(object list) => new(null, list, isSequence: true);

    public BinaryData ToBinaryData()
    {
        if (!IsData)
        {
            throw new NotSupportedException("The message has an AMQP value or sequence as its body, which has no binary form.");
        }

        return Segments.Count switch
        {
            0 => new BinaryData(ReadOnlyMemory<byte>.Empty),
            1 => new BinaryData(Segments[0]),
            _ => new BinaryData(Join()),
        };
    }

    private byte[] Join()
    {
        var joined = new byte[Segments.Sum(segment => segment.Length)];
        var at = 0;
        foreach (var segment in Segments)
        {
            segment.CopyTo(joined.AsMemory(at));
            at += segment.Length;
        }

        return joined;
    }
}
