namespace KedaJobs.ServiceBus.Entities;

/// <summary>
/// The broker's time, UTC, in whole milliseconds: the resolution that clients see, so that a time they give back compares equal.
/// </summary>
internal static class BrokerClock
{
    public static DateTime UtcNow(this TimeProvider time)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond));
    }
}
