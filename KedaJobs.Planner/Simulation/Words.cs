using System.Globalization;

namespace KedaJobs.Planner.Simulation;

/// <summary>Numbers as people read them.</summary>
internal static class Words
{
    public static string Time(TimeSpan time) => time switch
    {
        { TotalSeconds: < 0.0005 } => "0 s",
        { TotalSeconds: < 1 } => Invariant($"{time.TotalMilliseconds:0} ms"),
        { TotalSeconds: < 10 } => Invariant($"{time.TotalSeconds:0.0} s"),
        { TotalSeconds: < 120 } => Invariant($"{time.TotalSeconds:0} s"),
        { TotalMinutes: < 120 } => Invariant($"{time.TotalMinutes:0.0} min"),
        { TotalHours: < 48 } => Invariant($"{time.TotalHours:0.0} h"),
        _ => Invariant($"{time.TotalDays:0.0} d"),
    };

    public static string Count(long count) => Invariant($"{count:#,0}");

    public static string Quantity(double quantity) => Invariant($"{quantity:#,0}");

    /// <summary>Four digits at least, because a day of a small job costs cents.</summary>
    public static string Money(decimal amount, string currency) => Invariant($"{amount:#,0.0000} {currency}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
