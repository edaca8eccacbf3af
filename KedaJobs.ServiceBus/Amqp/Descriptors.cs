namespace KedaJobs.ServiceBus.Amqp;

/// <summary>
/// The descriptors of AMQP 1.0 that the broker looks for itself (part 2: transport, part 3: messaging, part 4: transactions).
/// </summary>
internal static class Descriptors
{
    public const ulong Open = 0x10;
    public const ulong Begin = 0x11;
    public const ulong Attach = 0x12;
    public const ulong Flow = 0x13;
    public const ulong Transfer = 0x14;
    public const ulong Disposition = 0x15;
    public const ulong Detach = 0x16;
    public const ulong End = 0x17;
    public const ulong Close = 0x18;
    public const ulong Error = 0x1d;
    public const ulong Received = 0x23;
    public const ulong Accepted = 0x24;
    public const ulong Rejected = 0x25;
    public const ulong Released = 0x26;
    public const ulong Modified = 0x27;
    public const ulong Source = 0x28;
    public const ulong Target = 0x29;
    public const ulong Coordinator = 0x30;
    public const ulong Declare = 0x31;
    public const ulong Discharge = 0x32;
    public const ulong Declared = 0x33;
    public const ulong TransactionalState = 0x34;
    public const ulong Header = 0x70;
    public const ulong DeliveryAnnotations = 0x71;
    public const ulong MessageAnnotations = 0x72;
    public const ulong Properties = 0x73;
    public const ulong ApplicationProperties = 0x74;
    public const ulong Data = 0x75;
    public const ulong Sequence = 0x76;
    public const ulong Value = 0x77;
    public const ulong Footer = 0x78;

    /// <summary>The number that stands for a descriptor's name, or 0. Few senders write names.</summary>
    public static ulong NumberOf(string name) => name switch
    {
        "amqp:open:list" => Open,
        "amqp:begin:list" => Begin,
        "amqp:attach:list" => Attach,
        "amqp:flow:list" => Flow,
        "amqp:transfer:list" => Transfer,
        "amqp:disposition:list" => Disposition,
        "amqp:detach:list" => Detach,
        "amqp:end:list" => End,
        "amqp:close:list" => Close,
        "amqp:received:list" => Received,
        "amqp:accepted:list" => Accepted,
        "amqp:rejected:list" => Rejected,
        "amqp:released:list" => Released,
        "amqp:modified:list" => Modified,
        "amqp:error:list" => Error,
        "amqp:source:list" => Source,
        "amqp:target:list" => Target,
        "amqp:coordinator:list" => Coordinator,
        "amqp:declare:list" => Declare,
        "amqp:discharge:list" => Discharge,
        "amqp:declared:list" => Declared,
        "amqp:transactional-state:list" => TransactionalState,
        "amqp:header:list" => Header,
        "amqp:delivery-annotations:map" => DeliveryAnnotations,
        "amqp:message-annotations:map" => MessageAnnotations,
        "amqp:properties:list" => Properties,
        "amqp:application-properties:map" => ApplicationProperties,
        "amqp:data:binary" => Data,
        "amqp:amqp-sequence:list" => Sequence,
        "amqp:amqp-value:*" => Value,
        "amqp:footer:map" => Footer,
        _ => 0,
    };
}

/// <summary>AMQP timestamps: milliseconds since 1970, UTC. Values beyond the calendar become its first or last moment.</summary>
internal static class Timestamps
{
    private static readonly long Least = ToMilliseconds(DateTime.MinValue);
    private static readonly long Most = ToMilliseconds(DateTime.MaxValue);

    public static DateTime FromMilliseconds(long milliseconds) =>
        milliseconds <= Least ? DateTime.MinValue
        : milliseconds >= Most ? DateTime.MaxValue
        : DateTime.UnixEpoch.AddMilliseconds(milliseconds);

    public static long ToMilliseconds(DateTime time) => (time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
}
