namespace KedaJobs.ServiceBus.Amqp.Framing;

/// <summary>What the broker says of a delivery.</summary>
internal enum OutcomeKind : byte
{
    Accepted,
    Rejected,
    Released,
    Modified,

    /// <summary>A transaction was declared.</summary>
    Declared,
}

/// <summary>An outcome of a delivery (AMQP 1.0, part 3.4), as part of a transaction if it has one (part 4.5.8).</summary>
/// <param name="Kind">The outcome.</param>
/// <param name="Error">Why it was rejected, or null.</param>
/// <param name="Transaction">The transaction that it is part of, or that was declared; null for none.</param>
internal readonly record struct Outcome(OutcomeKind Kind, Error? Error = null, byte[]? Transaction = null)
{
    public static readonly Outcome Accepted = new(OutcomeKind.Accepted);
    public static readonly Outcome Released = new(OutcomeKind.Released);
    public static readonly Outcome Modified = new(OutcomeKind.Modified);
    public static readonly Outcome Rejected = new(OutcomeKind.Rejected);

    /// <summary>Whether it is acceptance and nothing else.</summary>
    public bool IsAcceptance => Kind == OutcomeKind.Accepted && Transaction is null;

    public static Outcome Refused(Error error) => new(OutcomeKind.Rejected, error);

    public void Write(ref WireWriter writer)
    {
        if (Transaction is { } transaction)
        {
            writer.Descriptor(Kind == OutcomeKind.Declared ? Descriptors.Declared : Descriptors.TransactionalState);
            var list = writer.BeginCompound(0xd0);
            writer.Binary(transaction);
            if (Kind != OutcomeKind.Declared)
            {
                WriteKind(ref writer);
            }

            writer.EndCompound(list, Kind == OutcomeKind.Declared ? 1 : 2);
            return;
        }

        WriteKind(ref writer);
    }

    private void WriteKind(ref WireWriter writer)
    {
        writer.Descriptor(Kind switch
        {
            OutcomeKind.Accepted => Descriptors.Accepted,
            OutcomeKind.Rejected => Descriptors.Rejected,
            OutcomeKind.Released => Descriptors.Released,
            _ => Descriptors.Modified,
        });
        if (Error is null)
        {
            writer.Byte(0x45);
            return;
        }

        var list = writer.BeginCompound(0xd0);
        Error.Write(ref writer);
        writer.EndCompound(list, 1);
    }
}
