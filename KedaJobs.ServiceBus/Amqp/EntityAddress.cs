using KedaJobs.ServiceBus.Entities;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>What a link's address names.</summary>
internal readonly record struct EntityAddress
{
    public const string Cbs = "$cbs";

    private const string Management = "/$management";
    private const string DeadLetter = "/$deadletterqueue";
    private const string TransferDeadLetter = "/$transfer/$deadletterqueue";

    /// <summary>The whole address without scheme, host and outer slashes: what tokens are checked against.</summary>
    public required string Path { get; init; }

    /// <summary>The name of the queue or topic, or of the subscription: <c>topic/Subscriptions/subscription</c>.</summary>
    public required string Queue { get; init; }

    public SubQueueKind Kind { get; init; }

    /// <summary>Whether it is the management node of the queue, or of its dead-letter queue.</summary>
    public bool IsManagement { get; init; }

    public bool IsCbs => string.Equals(Path, Cbs, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Reads an address. The .NET client writes <c>/jobs</c> and percent-encodes; the JavaScript client writes
    /// <c>jobs</c>; tokens name <c>sb://host/jobs</c>.
    /// </summary>
    public static EntityAddress Parse(string? address)
    {
        var path = PathOf(address ?? "");
        var queue = path;
        var isManagement = TryCut(ref queue, Management);
        var kind = TryCut(ref queue, TransferDeadLetter) ? SubQueueKind.TransferDeadLetter
            : TryCut(ref queue, DeadLetter) ? SubQueueKind.DeadLetter
            : SubQueueKind.Main;
        return new EntityAddress { Path = path, Queue = queue, Kind = kind, IsManagement = isManagement };
    }

    /// <summary>The path of an address or audience.</summary>
    public static string PathOf(string address)
    {
        var scheme = address.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0)
        {
            var slash = address.IndexOf('/', scheme + 3);
            address = slash < 0 ? "" : address[slash..];
        }

        return Uri.UnescapeDataString(address).Trim('/');
    }

    private static bool TryCut(ref string path, string suffix)
    {
        if (!path.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        path = path[..^suffix.Length];
        return true;
    }
}
