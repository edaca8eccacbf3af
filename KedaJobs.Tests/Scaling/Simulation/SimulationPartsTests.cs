using CsCheck;
using KedaJobs.Scaling.Simulation;
using static KedaJobs.Tests.Scaling.Simulation.SimulationSamples;

namespace KedaJobs.Tests.Scaling.Simulation;

public class SimulationPartsTests
{
    [Fact]
    public void Sketch_is_within_one_percent_of_the_exact_percentile() => Gen.Long[0, 1L << 45].Array[1, 300].Sample(times =>
    {
        var sketch = new DurationSketch();
        foreach (var time in times)
        {
            sketch.Add(time);
        }

        Array.Sort(times);
        foreach (var share in (double[])[0.01, 0.5, 0.95, 0.99, 1])
        {
            var exact = times[(int)Math.Ceiling(share * times.Length) - 1];
            Assert.InRange(
                sketch.Percentile(share).Ticks, exact - TimeSpan.TicksPerMicrosecond, (long)(exact * 1.008) + TimeSpan.TicksPerMicrosecond);
        }

        Assert.Equal(times[^1], sketch.Max.Ticks);
    });

    [Fact]
    public void Heap_gives_events_by_time_and_those_of_one_time_in_order() => Gen.Long[0, 20].Array[0, 500].Sample(times =>
    {
        var heap = new EventHeap();
        foreach (var (index, time) in times.Index())
        {
            heap.Add(time, SimulatedEvent.WorkDone, index);
        }

        var taken = new List<(long, int)>();
        while (heap.Count > 0)
        {
            var due = heap.Take();
            Assert.Equal(SimulatedEvent.WorkDone, due.Kind);
            taken.Add((due.At, due.Target));
        }

        Assert.Equal(times.Index().OrderBy(item => item.Item).Select(item => (item.Item, item.Index)), taken);
    });

    [Theory]
    [InlineData(0.5, 2)]
    [InlineData(0.95, 8)]
    public void Log_normal_has_its_percentiles(double share, double seconds) =>
        Assert.Equal(seconds, Distribution.LogNormal(Seconds(2), Seconds(8)).SecondsAt(share), 5);

    [Theory]
    [InlineData(0.001, -3.0902323)]
    [InlineData(0.0000000001, -6.3613409)]
    [InlineData(0.025, -1.9599640)]
    [InlineData(0.975, 1.9599640)]
    [InlineData(0.9999999, 5.1993376)]
    public void Normal_quantile_is_right_to_six_digits(double share, double expected) =>
        Assert.Equal(expected, NormalQuantile.At(share), 5);

    [Fact]
    public void Distributions_have_their_means()
    {
        (Distribution Distribution, double Mean)[] cases =
        [
            (Distribution.Constant(Seconds(3)), 3),
            (Distribution.Uniform(Seconds(2), Seconds(6)), 4),
            (Distribution.Exponential(Seconds(5)), 5),
            (Distribution.Measured([Seconds(1), Seconds(9), Seconds(2)]), 4),
        ];
        foreach (var (distribution, mean) in cases)
        {
            Assert.Equal(mean, Enumerable.Range(0, 100_000).Average(index => distribution.SecondsAt(SeededNumbers.At(7, index))), 0.05);
        }
    }

    [Fact]
    public void Patterns_give_as_many_messages_as_their_rates_say()
    {
        var day = TimeSpan.FromDays(1);
        (ArrivalPattern Pattern, double Expected)[] cases =
        [
            (ArrivalPattern.Constant(2, day), 172_800),
            (ArrivalPattern.Poisson(2, day), 172_800),
            (ArrivalPattern.Burst(500, TimeSpan.FromHours(1), day), 12_000),
            (ArrivalPattern.Diurnal(2, 1, TimeSpan.FromHours(12), day), 172_800),
            (ArrivalPattern.Spike(1, 50, TimeSpan.FromHours(10), TimeSpan.FromHours(1), day), 82_800 + 180_000),
        ];
        foreach (var (pattern, expected) in cases)
        {
            var times = Times(pattern).ToList();
            Assert.Equal(expected, times.Count, expected * 0.02);
            Assert.All(times, time => Assert.InRange(time, 0, day.Ticks - 1));
            Assert.Equal(times.Order(), times);
            Assert.Equal(times, Times(pattern));
        }

        Assert.InRange(Times(cases[3].Pattern).Count(time => time < TimeSpan.FromHours(2).Ticks), 1, 1_000);
        Assert.Empty(Times(ArrivalPattern.None(day)));
    }

    [Fact]
    public void Trace_out_of_order_is_refused() =>
        Assert.Throws<ArgumentException>(() => ArrivalPattern.Trace([(Seconds(2), 0), (Seconds(1), 0)]));

    [Fact]
    public void Series_keeps_its_areas_however_long_it_gets() =>
        Gen.Select(Gen.Int[0, 100_000], Gen.Int[-1, 3]).Array[1, 100].Sample(steps =>
        {
            var series = new SimulationSeries();
            var (now, area) = (0L, 0d);
            foreach (var (seconds, change) in steps)
            {
                area += (double)series.Queue * seconds;
                now += seconds * TimeSpan.TicksPerSecond;
                series.ChangeQueue(now, change);
            }

            var points = series.Points(now);
            Assert.InRange(points.Count, 1, 512);
            var ends = points.Skip(1).Select(point => point.From).Append(TimeSpan.FromTicks(now)).ToList();
            var sum = points.Select((point, index) => point.Queue * Math.Max(1e-7, (ends[index] - point.From).TotalSeconds)).Sum();
            Assert.Equal(area, sum, Math.Max(1e-3, Math.Abs(area) * 1e-9));
        });

    private static IEnumerable<long> Times(ArrivalPattern pattern)
    {
        var cursor = pattern.Open(11);
        for (var at = cursor.Next(); at != ArrivalCursor.Never; at = cursor.Next())
        {
            yield return at;
        }
    }
}
