using System.Collections.Immutable;

namespace KedaJobs.Scaling.Simulation;

/// <summary>A distribution of durations.</summary>
public abstract record Distribution
{
    /// <summary>The z-score of the 95th percentile of the normal distribution.</summary>
    private const double Z95 = 1.6448536269514722;

    private protected Distribution()
    {
    }

    /// <summary>Always the same time.</summary>
    /// <param name="time">The time. At least zero.</param>
    /// <returns>The distribution.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public static Distribution Constant(TimeSpan time) => new ConstantTime(Require(time, nameof(time)));

    /// <summary>Every time between two bounds is equally likely.</summary>
    /// <param name="shortest">The lower bound. At least zero.</param>
    /// <param name="longest">The upper bound. At least <paramref name="shortest"/>.</param>
    /// <returns>The distribution.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A bound is out of its range.</exception>
    public static Distribution Uniform(TimeSpan shortest, TimeSpan longest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, shortest);
        return new UniformTime(Require(shortest, nameof(shortest)), longest.TotalSeconds);
    }

    /// <summary>Exponentially distributed: many short times, few long ones.</summary>
    /// <param name="mean">The mean. At least zero.</param>
    /// <returns>The distribution.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The mean is negative.</exception>
    public static Distribution Exponential(TimeSpan mean) => new ExponentialTime(Require(mean, nameof(mean)));

    /// <summary>Log-normally distributed, which fits most measured handling times.</summary>
    /// <param name="median">Half of the times are shorter. Above zero.</param>
    /// <param name="p95">95 % of the times are shorter. At least <paramref name="median"/>.</param>
    /// <returns>The distribution.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A percentile is out of its range.</exception>
    public static Distribution LogNormal(TimeSpan median, TimeSpan p95)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(median, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(p95, median);
        return new LogNormalTime(Math.Log(median.TotalSeconds), Math.Log(p95 / median) / Z95);
    }

    /// <summary>One of the given times, each equally likely: measured values.</summary>
    /// <param name="times">The times, in any order. At least one, none negative.</param>
    /// <returns>The distribution.</returns>
    /// <exception cref="ArgumentException">No time is given.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A time is negative.</exception>
    public static Distribution Measured(IReadOnlyCollection<TimeSpan> times)
    {
        ArgumentNullException.ThrowIfNull(times);
        return times.Count == 0 ? throw new ArgumentException("There must be at least one time.", nameof(times))
            : new MeasuredTime([.. times.Select(time => Require(time, nameof(times))).Order()]);
    }

    /// <summary>The time that the given share of all times is below: a larger share never gives a shorter time.</summary>
    /// <param name="share">From 0 to below 1.</param>
    /// <returns>Seconds, at least 0.</returns>
    public abstract double SecondsAt(double share);

    internal long TicksAt(double share) => (long)Math.Min(SecondsAt(share) * TimeSpan.TicksPerSecond, TimeSpan.TicksPerDay * 3650d);

    private static double Require(TimeSpan time, string name) =>
        time < TimeSpan.Zero ? throw new ArgumentOutOfRangeException(name, time, "A time must not be negative.") : time.TotalSeconds;

    private sealed record ConstantTime(double Seconds) : Distribution
    {
        public override double SecondsAt(double share) => Seconds;
    }

    private sealed record UniformTime(double Shortest, double Longest) : Distribution
    {
        public override double SecondsAt(double share) => Shortest + ((Longest - Shortest) * share);
    }

    private sealed record ExponentialTime(double Mean) : Distribution
    {
        public override double SecondsAt(double share) => -Mean * Math.Log(1 - share);
    }

    private sealed record LogNormalTime(double Location, double Scale) : Distribution
    {
        public override double SecondsAt(double share) => Math.Exp(Location + (Scale * NormalQuantile.At(share)));
    }

    private sealed record MeasuredTime(ImmutableArray<double> Sorted) : Distribution
    {
        public override double SecondsAt(double share) => Sorted[(int)(share * Sorted.Length)];
    }
}
