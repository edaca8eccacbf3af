namespace KedaJobs.ServiceBus.Amqp;

/// <summary>A request to <c>$cbs</c> or a management node, decoded.</summary>
internal sealed class AmqpRequest
{
    private const int MessageIdIndex = 0;
    private const int ReplyToIndex = 4;

    /// <summary>As it was encoded; null if there is none.</summary>
    public EncodedValue? MessageId { get; private set; }

    public string? ReplyTo { get; private set; }

    public AmqpMap ApplicationProperties { get; private set; } = [];

    /// <summary>What the amqp-value section has; null if there is none.</summary>
    public object? Body { get; private set; }

    /// <summary>The operation that is asked for, or an empty text.</summary>
    public string Operation => ApplicationProperties["operation"] as string ?? "";

    /// <summary>Decodes a request.</summary>
    /// <exception cref="WireFormatException">The bytes are not an AMQP message.</exception>
    public static AmqpRequest Decode(ReadOnlySpan<byte> encoded)
    {
        Sections.Read(encoded);
        var request = new AmqpRequest();
        var reader = new WireReader(encoded);
        while (!reader.AtEnd)
        {
            switch (reader.ReadDescriptor())
            {
                case Descriptors.Properties:
                    request.ReadProperties(ref reader);
                    break;
                case Descriptors.ApplicationProperties:
                    request.ApplicationProperties = (AmqpMap)AmqpValues.Read(ref reader)!;
                    break;
                case Descriptors.Value:
                    request.Body = AmqpValues.Read(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return request;
    }

    private void ReadProperties(ref WireReader reader)
    {
        var (count, _) = reader.ReadList();
        for (var index = 0; index < count; index++)
        {
            var start = reader.Position;
            var constructor = reader.Peek();
            reader.Skip();
            if (index == MessageIdIndex && constructor != WireReader.Null)
            {
                MessageId = new EncodedValue(reader.Since(start).ToArray());
            }
            else if (index == ReplyToIndex && constructor is 0xa1 or 0xb1)
            {
                ReplyTo = new WireReader(reader.Since(start)).ReadText();
            }
        }
    }
}

/// <summary>The answer to a request.</summary>
/// <param name="ApplicationProperties">Status and what describes it.</param>
/// <param name="Body">What the amqp-value section has.</param>
internal sealed record AmqpResponse(AmqpMap ApplicationProperties, object? Body)
{
    /// <summary>Encodes the answer.</summary>
    /// <param name="correlationId">
    /// The request's message-id, of the same type as it came: the .NET client uses numbers, the JavaScript client strings. Null for none.
    /// </param>
    public byte[] Encode(EncodedValue? correlationId)
    {
        var writer = WireWriter.Growing(512);
        if (correlationId is { } id)
        {
            writer.Descriptor(Descriptors.Properties);
            var list = writer.BeginCompound(0xd0);
            for (var index = 0; index < 5; index++)
            {
                writer.Null();
            }

            writer.Raw(id.Bytes.Span);
            writer.EndCompound(list, 6);
        }

        writer.Descriptor(Descriptors.ApplicationProperties);
        AmqpValues.Write(ref writer, ApplicationProperties);
        writer.Descriptor(Descriptors.Value);
        AmqpValues.Write(ref writer, Body);
        return writer.Written.ToArray();
    }
}
