namespace KedaJobs.ServiceBus.Amqp;

/// <summary>What official clients do differently from what the AMQP library expects; each with the frame that shows it.</summary>
internal static class ClientQuirks
{
    private const byte Symbol8 = 0xa3;
    private const byte Symbol32 = 0xb3;
    private const byte String8 = 0xa1;
    private const byte String32 = 0xb1;

    /// <summary>
    /// The JavaScript client encodes the keys of a rejection's error info, and of a modification's annotations, as strings where the
    /// specification says symbols; the library then closes the connection. Both have the same layout, so the keys' constructor
    /// bytes are changed in place:
    /// <code>disposition(0x15) [role, first, last, settled, rejected(0x25) [error(0x1d) [condition, description, {"DeadLetterReason": ...}]]]
    /// disposition(0x15) [role, first, last, settled, modified(0x27) [failed, undeliverable-here, {"key": ...}]]</code>
    /// </summary>
    /// <param name="performative">The disposition's bytes, which were checked to be well-formed.</param>
    public static void MakeDispositionKeysSymbols(Span<byte> performative)
    {
        var reader = new WireReader(performative);
        reader.ReadDescriptor();
        if (!EnterField(ref reader, 4) || reader.Peek() != WireReader.Described)
        {
            return;
        }

        var state = reader.ReadDescriptor();
        var found = state switch
        {
            Descriptors.Rejected => EnterField(ref reader, 0)
                && reader.Peek() == WireReader.Described
                && reader.ReadDescriptor() == Descriptors.Error
                && EnterField(ref reader, 2),
            Descriptors.Modified => EnterField(ref reader, 2),
            _ => false,
        };
        if (found && reader.Peek() is 0xc1 or 0xd1)
        {
            MakeKeysSymbols(ref reader, performative);
        }
    }

    private static void MakeKeysSymbols(ref WireReader reader, Span<byte> bytes)
    {
        var (count, _) = reader.ReadMap();
        for (var pair = 0; pair < count / 2; pair++)
        {
            ref var constructor = ref bytes[reader.Position];
            constructor = constructor switch
            {
                String8 => Symbol8,
                String32 => Symbol32,
                _ => constructor,
            };
            reader.Skip();
            reader.Skip();
        }
    }

    /// <summary>Goes to a field of a list; false if the list ends before or is none.</summary>
    private static bool EnterField(ref WireReader reader, int index)
    {
        if (reader.AtEnd || reader.Peek() is not (0xc0 or 0xd0))
        {
            return false;
        }

        var (count, _) = reader.ReadList();
        for (var field = 0; field < index && field < count; field++)
        {
            reader.Skip();
        }

        return count > index;
    }
}
