namespace KedaJobs.ServiceBus.Amqp.Framing;

/// <summary>What a client says of a delivery (AMQP 1.0, parts 3.4 and 4.5.8).</summary>
internal readonly record struct DeliveryState
{
    /// <summary>The outcome's descriptor; 0 for none, or one that nobody needs.</summary>
    public ulong Kind { get; init; }

    /// <summary>Modified: whether the message is not to come to this receiver again.</summary>
    public bool UndeliverableHere { get; init; }

    /// <summary>Modified: the annotations; rejected: the error's info. Keys, and values as they were encoded; null for none.</summary>
    public List<KeyValuePair<string, object?>>? Entries { get; init; }

    /// <summary>The transaction that it is to be part of, or null.</summary>
    public byte[]? Transaction { get; init; }

    public bool IsGiven => Kind != 0 || Transaction is not null;

    public static DeliveryState Read(ref WireReader reader)
    {
        if (reader.Peek() == WireReader.Null)
        {
            reader.Skip();
            return default;
        }

        var kind = reader.ReadDescriptor();
        switch (kind)
        {
            case Descriptors.Accepted or Descriptors.Released or Descriptors.Received:
                reader.Skip();
                return new DeliveryState { Kind = kind };
            case Descriptors.Rejected:
                return ReadRejected(ref reader);
            case Descriptors.Modified:
                return ReadModified(ref reader);
            case Descriptors.TransactionalState:
                return ReadTransactional(ref reader);
            default:
                reader.Skip();
                return default;
        }
    }

    private static DeliveryState ReadRejected(ref WireReader reader)
    {
        var (count, end) = reader.ReadList();
        List<KeyValuePair<string, object?>>? info = null;
        if (count > 0)
        {
            info = ReadErrorInfo(ref reader);
        }

        reader.SkipRest(count - 1, end);
        return new DeliveryState { Kind = Descriptors.Rejected, Entries = info };
    }

    private static List<KeyValuePair<string, object?>>? ReadErrorInfo(ref WireReader reader)
    {
        if (reader.Peek() == WireReader.Null)
        {
            reader.Skip();
            return null;
        }

        if (reader.ReadDescriptor() != Descriptors.Error)
        {
            throw new WireFormatException("The error of a rejection is not an error.");
        }

        var (count, end) = reader.ReadList();
        for (var field = 0; field < Math.Min(count, 2); field++)
        {
            reader.Skip();
        }

        var info = count > 2 ? ReadEntries(ref reader) : null;
        reader.SkipRest(count - 3, end);
        return info;
    }

    private static DeliveryState ReadModified(ref WireReader reader)
    {
        var (count, end) = reader.ReadList();
        if (count > 0)
        {
            reader.ReadBoolean();
        }

        var undeliverableHere = count > 1 ? reader.ReadBoolean() : null;
        var annotations = count > 2 ? ReadEntries(ref reader) : null;
        reader.SkipRest(count - 3, end);
        return new DeliveryState { Kind = Descriptors.Modified, UndeliverableHere = undeliverableHere ?? false, Entries = annotations };
    }

    private static DeliveryState ReadTransactional(ref WireReader reader)
    {
        var (count, end) = reader.ReadList();
        var transaction = count > 0 ? reader.ReadBinary().ToArray() : throw new WireFormatException("A transactional-state has no txn-id.");
        var outcome = count > 1 ? ReadOutcome(ref reader) : default;
        reader.SkipRest(count - 2, end);
        return outcome with { Transaction = transaction };
    }

    /// <summary>An outcome within a transactional-state, which cannot be one itself.</summary>
    private static DeliveryState ReadOutcome(ref WireReader reader)
    {
        var ahead = reader;
        if (ahead.Peek() == WireReader.Described && ahead.ReadDescriptor() == Descriptors.TransactionalState)
        {
            throw new WireFormatException("The outcome of a transactional-state is itself a transactional-state.");
        }

        return Read(ref reader);
    }

    /// <summary>
    /// Reads a map of texts to values. The keys should be symbols; the JavaScript client encodes those of a rejection's info and of a
    /// modification's annotations as strings:
    /// <code>
    /// disposition(0x15) [role, first, last, settled,
    ///     rejected(0x25) [error(0x1d) [condition, description, {"DeadLetterReason": ...}]]]
    /// disposition(0x15) [role, first, last, settled, modified(0x27) [failed, undeliverable-here, {"key": ...}]]
    /// </code>
    /// </summary>
    private static List<KeyValuePair<string, object?>>? ReadEntries(ref WireReader reader)
    {
        if (reader.Peek() == WireReader.Null)
        {
            reader.Skip();
            return null;
        }

        var (count, end) = reader.ReadMap();
        var entries = new List<KeyValuePair<string, object?>>(count / 2);
        for (var pair = 0; pair < count / 2; pair++)
        {
            var key = reader.ReadText() ?? throw new WireFormatException("The key of a map is null.");
            entries.Add(new(key, AmqpValues.Read(ref reader)));
        }

        return reader.Position == end ? entries : throw new WireFormatException("A map is not as long as it says.");
    }
}
