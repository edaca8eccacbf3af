using KedaJobs.ServiceBus.Amqp.Framing;
using KedaJobs.ServiceBus.Amqp.Protocol;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>The attach of a receiver that asks for a session: named, or any free one.</summary>
internal static class SessionAttach
{
    public const string Filter = "com.microsoft:session-filter";

    private const string LockedUntil = "com.microsoft:locked-until-utc";
    private const string Timeout = "com.microsoft:timeout";
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(60);

    /// <summary>How long the client waits for a free session.</summary>
    public static TimeSpan PatienceOf(Attach attach) => attach.Properties?[Timeout] is uint milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : DefaultPatience;

    /// <summary>Whether the attach asks for something else than a session.</summary>
    public static bool HasUnknownFilter(Attach attach) => attach.Source!.Filters is { } filters && filters.Any(filter => filter.Key.ToString() != Filter);

    /// <summary>Whether the attach asks for a session, and for which; null means any.</summary>
    public static bool IsRequested(Attach attach, out string? sessionId)
    {
        sessionId = attach.Source!.Filter(Filter) as string;
        return attach.Source.Filters?.Has(Filter) == true;
    }

    /// <summary>Answers with the session that was given: its id in the filter, and until when it is locked in .NET ticks.</summary>
    public static void Complete(OutgoingLink link, LinkConsumer consumer, long maxMessageSize, string sessionId, DateTime lockedUntil)
    {
        var filters = new AmqpMap();
        filters.Set(new AmqpSymbol(Filter), sessionId);
        var properties = new AmqpMap();
        foreach (var (key, value) in link.Attach.Properties ?? [])
        {
            properties.Set(key, value);
        }

        properties.Set(new AmqpSymbol(LockedUntil), lockedUntil.Ticks);
        link.Complete(consumer, maxMessageSize, link.Attach.Source!.WithFilters(filters).ToArray(), properties);
    }
}
