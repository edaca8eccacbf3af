using KedaJobs.ServiceBus.Amqp.Framing;
using KedaJobs.ServiceBus.Amqp.Protocol;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>The session that a receiver asks for.</summary>
/// <param name="SessionId">Its id; null for any free one.</param>
/// <param name="IsNonExclusive">Whether others may take it over.</param>
/// <param name="TakeOverToken">What the receiver shows to take it over itself, or null.</param>
internal sealed record SessionRequest(string? SessionId, bool IsNonExclusive, Guid? TakeOverToken);

/// <summary>The attach of a receiver that asks for a session: named, or any free one.</summary>
internal static class SessionAttach
{
    public const string Filter = "com.microsoft:session-filter";

    /// <summary>
    /// A session that others may take over; its value is a described list of session id and lock token, each of which may be null.
    /// </summary>
    public const string NonExclusiveFilter = "com.microsoft:non-exclusive-session-filter";
    private const ulong NonExclusiveCode = 0x0000_0013_7000_000E;

    private const string LockedUntil = "com.microsoft:locked-until-utc";
    private const string Timeout = "com.microsoft:timeout";
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(60);

    /// <summary>How long the client waits for a free session.</summary>
    public static TimeSpan PatienceOf(Attach attach) =>
        attach.Properties?[Timeout] is uint milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : DefaultPatience;

    /// <summary>Whether the attach asks for something else than a session.</summary>
    public static bool HasUnknownFilter(Attach attach) =>
        attach.Source!.Filters is { } filters && filters.Any(filter => filter.Key.ToString() is not (Filter or NonExclusiveFilter));

    /// <summary>Reads what the attach asks for.</summary>
    /// <returns>The session; null if it asks for none.</returns>
    public static SessionRequest? Read(Attach attach)
    {
        if (attach.Source!.Filters is not { } filters)
        {
            return null;
        }

        if (filters.Has(NonExclusiveFilter))
        {
            var fields = attach.Source.Filter(NonExclusiveFilter) as List<object?>;
            return new SessionRequest(
                fields is [string id, ..] ? id : null, IsNonExclusive: true, fields is [_, Guid token, ..] ? token : null);
        }

        return filters.Has(Filter) ? new SessionRequest(attach.Source.Filter(Filter) as string, IsNonExclusive: false, null) : null;
    }

    /// <summary>Answers with the session that was given: its id in the filter, and until when it is locked in .NET ticks.</summary>
    public static void Complete(OutgoingLink link, LinkConsumer consumer, string sessionId, DateTime lockedUntil)
    {
        var filters = new AmqpMap();
        if (consumer.TakeOverToken is { } token)
        {
            filters.Set(new AmqpSymbol(NonExclusiveFilter), new AmqpDescribed(NonExclusiveCode, new List<object?> { sessionId, token }));
        }
        else
        {
            filters.Set(new AmqpSymbol(Filter), sessionId);
        }

        var properties = new AmqpMap();
        foreach (var (key, value) in link.Attach.Properties ?? [])
        {
            properties.Set(key, value);
        }

        properties.Set(new AmqpSymbol(LockedUntil), lockedUntil.Ticks);
        link.Complete(consumer, 0, link.Attach.Source!.WithFilters(filters).ToArray(), properties);
    }
}
