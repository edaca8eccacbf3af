using System.Globalization;

namespace KedaJobs.Scaling.Simulation;

/// <summary>Formats a simulation's numbers for people, the same in every culture.</summary>
public static class DisplayText
{
    /// <summary>A time with three digits or so, in the unit that fits: ms, s, min, h or d.</summary>
    /// <param name="time">The time. At least zero.</param>
    /// <returns>The text, for instance <c>4.1 min</c>.</returns>
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

    /// <summary>A count with thousands separators.</summary>
    /// <param name="count">The count.</param>
    /// <returns>The text, for instance <c>10,000</c>.</returns>
    public static string Count(long count) => Invariant($"{count:#,0}");

    /// <summary>A quantity without its fraction, with thousands separators.</summary>
    /// <param name="quantity">The quantity.</param>
    /// <returns>The text.</returns>
    public static string Quantity(double quantity) => Invariant($"{quantity:#,0}");

    /// <summary>An amount with four digits after the point, because a day of a small job costs cents.</summary>
    /// <param name="amount">The amount.</param>
    /// <param name="currency">The currency's code.</param>
    /// <returns>The text, for instance <c>0.0153 USD</c>.</returns>
    public static string Money(decimal amount, string currency) => Invariant($"{amount:#,0.0000} {currency}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
