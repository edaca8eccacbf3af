namespace KedaJobs.Scaling.Simulation;

/// <summary>When messages arrive in a queue.</summary>
public abstract record ArrivalPattern
{
    private protected ArrivalPattern()
    {
    }

    /// <summary>How long messages may arrive, from the beginning of the simulation. Above zero.</summary>
    public TimeSpan Duration { get; private protected init; }

    /// <summary>No messages.</summary>
    /// <param name="duration">How long. Above zero.</param>
    /// <returns>The pattern.</returns>
    public static ArrivalPattern None(TimeSpan duration) => new VariableRate(0, _ => 0) { Duration = Require(duration) };

    /// <summary>Messages at equal intervals, the first after one interval.</summary>
    /// <param name="perSecond">Messages per second. Above 0.</param>
    /// <param name="duration">How long. Above zero.</param>
    /// <returns>The pattern.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public static ArrivalPattern Constant(double perSecond, TimeSpan duration) =>
        new EqualIntervals(RequireRate(perSecond)) { Duration = Require(duration) };

    /// <summary>Messages of many independent senders: a Poisson process.</summary>
    /// <param name="perSecond">The mean of messages per second. Above 0.</param>
    /// <param name="duration">How long. Above zero.</param>
    /// <returns>The pattern.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public static ArrivalPattern Poisson(double perSecond, TimeSpan duration) =>
        new VariableRate(RequireRate(perSecond), null) { Duration = Require(duration) };

    /// <summary>Repeated bursts of messages.</summary>
    /// <param name="messages">Messages at once. At least 1.</param>
    /// <param name="every">Time between two bursts; the first is at the beginning. Above zero.</param>
    /// <param name="duration">How long. Above zero.</param>
    /// <returns>The pattern.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public static ArrivalPattern Burst(int messages, TimeSpan every, TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(messages, 1);
        return new Bursts(messages, Require(every).Ticks) { Duration = Require(duration) };
    }

    /// <summary>A Poisson process whose rate follows a sine over each day.</summary>
    /// <param name="perSecond">The mean of messages per second. Above 0.</param>
    /// <param name="amplitude">How far the rate rises and falls, as a fraction of the mean. From 0 to 1.</param>
    /// <param name="peak">When in the day the rate is highest, counted from the beginning.</param>
    /// <param name="duration">How long. Above zero.</param>
    /// <returns>The pattern.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public static ArrivalPattern Diurnal(double perSecond, double amplitude, TimeSpan peak, TimeSpan duration)
    {
        RequireRate(perSecond);
        ArgumentOutOfRangeException.ThrowIfNegative(amplitude);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(amplitude, 1);
        var turn = 2 * Math.PI / TimeSpan.TicksPerDay;
        return new VariableRate(perSecond * (1 + amplitude), ticks => perSecond * (1 + (amplitude * Math.Cos((ticks - peak.Ticks) * turn))))
        {
            Duration = Require(duration),
        };
    }

    /// <summary>A Poisson process with a higher rate for some time.</summary>
    /// <param name="perSecond">The mean of messages per second outside the spike. At least 0.</param>
    /// <param name="spikePerSecond">The mean of messages per second in the spike. Above 0.</param>
    /// <param name="at">When the spike begins. At least zero.</param>
    /// <param name="length">How long the spike lasts. Above zero.</param>
    /// <param name="duration">How long messages arrive in all. Above zero.</param>
    /// <returns>The pattern.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public static ArrivalPattern Spike(double perSecond, double spikePerSecond, TimeSpan at, TimeSpan length, TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(perSecond);
        RequireRate(spikePerSecond);
        ArgumentOutOfRangeException.ThrowIfLessThan(at, TimeSpan.Zero);
        var (from, to) = (at.Ticks, (at + Require(length)).Ticks);
        return new VariableRate(Math.Max(perSecond, spikePerSecond), ticks => ticks >= from && ticks < to ? spikePerSecond : perSecond)
        {
            Duration = Require(duration),
        };
    }

    /// <summary>Recorded arrivals.</summary>
    /// <param name="arrivals">
    /// When, in the order of time, and how large each was in bytes (0: not known). Kept in memory, 12 bytes each: that is the one input
    /// whose size grows with its messages.
    /// </param>
    /// <returns>The pattern. Its duration ends with the last arrival.</returns>
    /// <exception cref="ArgumentException">An arrival is earlier than the previous one.</exception>
    public static ArrivalPattern Trace(IEnumerable<(TimeSpan At, int Size)> arrivals)
    {
        ArgumentNullException.ThrowIfNull(arrivals);
        var (times, sizes) = (new List<long>(), new List<int>());
        foreach (var (at, size) in arrivals)
        {
            if (at.Ticks < (times.Count == 0 ? 0 : times[^1]))
            {
                throw new ArgumentException(
                    $"Arrival {times.Count + 1} comes before the previous one, or before the beginning.", nameof(arrivals));
            }

            times.Add(at.Ticks);
            sizes.Add(size);
        }

        return new Recorded([.. times], [.. sizes]) { Duration = TimeSpan.FromTicks(Math.Max(1, times.LastOrDefault())) };
    }

    /// <summary>Walks through the arrivals. Every cursor with the same seed sees the same.</summary>
    internal abstract ArrivalCursor Open(ulong seed);

    private static TimeSpan Require(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        return duration;
    }

    private static double RequireRate(double perSecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perSecond);
        return double.IsFinite(perSecond)
            ? perSecond
            : throw new ArgumentOutOfRangeException(nameof(perSecond), perSecond, "A rate must be finite.");
    }

    private sealed record EqualIntervals(double PerSecond) : ArrivalPattern
    {
        internal override ArrivalCursor Open(ulong seed) => new Cursor(TimeSpan.TicksPerSecond / PerSecond, Duration.Ticks);

        private sealed class Cursor(double interval, long end) : ArrivalCursor
        {
            private long _count;

            // From the count and not from the last arrival: rounding does not add up.
            public override long Next() => Within((long)(++_count * interval), end);
        }
    }

    private sealed record Bursts(int Messages, long Every) : ArrivalPattern
    {
        internal override ArrivalCursor Open(ulong seed) => new Cursor(Messages, Every, Duration.Ticks);

        private sealed class Cursor(int messages, long every, long end) : ArrivalCursor
        {
            private int _inBurst;
            private long _at;

            public override long Next()
            {
                if (_inBurst++ == messages)
                {
                    (_inBurst, _at) = (1, _at + every);
                }

                return Within(_at, end);
            }
        }
    }

    // Thinning (Lewis and Shedler, 1979): arrivals at the highest rate, each kept with the share that the rate of its time has of it.
    private sealed record VariableRate(double Highest, Func<long, double>? Rate) : ArrivalPattern
    {
        internal override ArrivalCursor Open(ulong seed) => new Cursor(Highest, Rate, Duration.Ticks, seed);

        private sealed class Cursor(double highest, Func<long, double>? rate, long end, ulong seed) : ArrivalCursor
        {
            private readonly double _mean = TimeSpan.TicksPerSecond / highest;
            private ulong _state = seed;
            private double _at;

            public override long Next()
            {
                do
                {
                    _at -= Math.Log(1 - SeededNumbers.Next(ref _state)) * _mean;
                }
                while (_at < end && rate is not null && SeededNumbers.Next(ref _state) * highest >= rate((long)_at));
                return _at < end ? (long)_at : Never;
            }
        }
    }

    private sealed record Recorded(long[] Times, int[] Sizes) : ArrivalPattern
    {
        internal override ArrivalCursor Open(ulong seed) => new Cursor(Times, Sizes);

        private sealed class Cursor(long[] times, int[] sizes) : ArrivalCursor
        {
            private int _next;

            public override int Size => sizes[_next - 1];

            public override long Next() => _next < times.Length ? times[_next++] : Never;
        }
    }
}

/// <summary>A place in a queue's arrivals.</summary>
internal abstract class ArrivalCursor
{
    /// <summary>What <see cref="Next"/> gives after the last arrival.</summary>
    public const long Never = long.MaxValue;

    /// <summary>The size of the arrival that <see cref="Next"/> gave last, in bytes; 0: not known.</summary>
    public virtual int Size => 0;

    /// <summary>When the next message arrives, in ticks from the beginning.</summary>
    public abstract long Next();

    private protected static long Within(long at, long end) => at < end ? at : Never;
}
