using System.Numerics;

namespace KedaJobs.Scaling.Simulation;

/// <summary>
/// Percentiles of any number of times in fixed memory: counts in buckets whose width grows with the time, as in an HDR histogram. A
/// percentile is at most 0.8 % too high, and too low by less than a microsecond; <see cref="Max"/>, <see cref="Mean"/> and
/// <see cref="Count"/> are exact.
/// </summary>
public sealed class DurationSketch
{
    private const int SubBits = 7;
    private const int Sub = 1 << SubBits;
    private const long TicksPerUnit = TimeSpan.TicksPerMicrosecond;

    private readonly long[] _counts = new long[(64 - SubBits + 1) * Sub];
    private double _sum;
    private long _max;

    /// <summary>How many times there are.</summary>
    public long Count { get; private set; }

    /// <summary>The longest; zero without any.</summary>
    public TimeSpan Max => TimeSpan.FromTicks(_max);

    /// <summary>The mean; zero without any.</summary>
    public TimeSpan Mean => Count == 0 ? TimeSpan.Zero : TimeSpan.FromTicks((long)(_sum / Count));

    /// <summary>The time that a share of all times does not exceed.</summary>
    /// <param name="share">Above 0, at most 1; 0.95 for the 95th percentile.</param>
    /// <returns>The time; zero without any.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of its range.</exception>
    public TimeSpan Percentile(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        var rest = (long)Math.Ceiling(share * Count);
        for (var bucket = 0; bucket < _counts.Length && Count > 0; bucket++)
        {
            if ((rest -= _counts[bucket]) <= 0)
            {
                return TimeSpan.FromTicks(Math.Min(_max, UpperEdge(bucket)));
            }
        }

        return Max;
    }

    internal void Add(long ticks)
    {
        _counts[Bucket((ulong)ticks / TicksPerUnit)]++;
        Count++;
        _sum += ticks;
        _max = Math.Max(_max, ticks);
    }

    private static int Bucket(ulong value)
    {
        if (value < Sub)
        {
            return (int)value;
        }

        var shift = 63 - SubBits - BitOperations.LeadingZeroCount(value);
        return (shift * Sub) + (int)(value >> shift);
    }

    private static long UpperEdge(int bucket)
    {
        var shift = Math.Max(0, (bucket / Sub) - 1);
        var first = (long)(bucket - (shift * Sub)) << shift;
        return (first + (1L << shift) - 1) * TicksPerUnit;
    }
}
