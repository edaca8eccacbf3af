namespace KedaJobs.Scaling.Simulation;

/// <summary>One interval of a simulation.</summary>
public readonly record struct SeriesPoint
{
    /// <summary>When it begins, from the beginning of the simulation.</summary>
    public required TimeSpan From { get; init; }

    /// <summary>Mean of the active messages over time, locked ones included.</summary>
    public required double Queue { get; init; }

    /// <summary>The maximum number of active messages.</summary>
    public required long QueueMax { get; init; }

    /// <summary>Mean of the unfinished executions over time.</summary>
    public required double Executions { get; init; }

    /// <summary>The maximum number of unfinished executions.</summary>
    public required int ExecutionsMax { get; init; }

    /// <summary>Mean of the replicas over time whose container runs: what is paid for.</summary>
    public required double Replicas { get; init; }

    /// <summary>Messages whose handling began.</summary>
    public required long Begun { get; init; }

    /// <summary>Mean of the time that these had waited.</summary>
    public required TimeSpan Wait { get; init; }

    /// <summary>The longest that one of these had waited.</summary>
    public required TimeSpan WaitMax { get; init; }
}

/// <summary>Queue, executions and waiting over time in bounded memory: when there are too many stretches, each two become one.</summary>
internal sealed class SimulationSeries
{
    private const int Limit = 512;

    private readonly Stretch[] _stretches = new Stretch[Limit];
    private long _width = TimeSpan.TicksPerSecond;
    private int _index;
    private long _end = TimeSpan.TicksPerSecond;
    private long _last;

    public long Queue { get; private set; }

    public int Executions { get; private set; }

    public int Replicas { get; private set; }

    public void ChangeQueue(long now, int by)
    {
        Advance(now);
        Queue += by;
        ref var stretch = ref _stretches[_index];
        stretch.QueueMax = Math.Max(stretch.QueueMax, Queue);
    }

    public void ChangeExecutions(long now, int by)
    {
        Advance(now);
        Executions += by;
        ref var stretch = ref _stretches[_index];
        stretch.ExecutionsMax = Math.Max(stretch.ExecutionsMax, Executions);
    }

    public void ChangeReplicas(long now, int by)
    {
        Advance(now);
        Replicas += by;
    }

    public void Begin(long now, long waited)
    {
        Advance(now);
        ref var stretch = ref _stretches[_index];
        stretch.Begun++;
        stretch.WaitSum += waited;
        stretch.WaitMax = Math.Max(stretch.WaitMax, waited);
    }

    public IReadOnlyList<SeriesPoint> Points(long end)
    {
        Advance(end);
        var last = end > _end - _width || _index == 0 ? _index : _index - 1;
        return [.. Enumerable.Range(0, last + 1).Select(index => Point(index, Math.Max(1, Math.Min(_width, end - (index * _width)))))];
    }

    private SeriesPoint Point(int index, long width)
    {
        ref var stretch = ref _stretches[index];
        return new()
        {
            From = TimeSpan.FromTicks(index * _width),
            Queue = stretch.QueueArea / width,
            QueueMax = stretch.QueueMax,
            Executions = stretch.ExecutionsArea / width,
            ExecutionsMax = stretch.ExecutionsMax,
            Replicas = stretch.ReplicasArea / width,
            Begun = stretch.Begun,
            Wait = TimeSpan.FromTicks(stretch.Begun == 0 ? 0 : (long)(stretch.WaitSum / stretch.Begun)),
            WaitMax = TimeSpan.FromTicks(stretch.WaitMax),
        };
    }

    private void Advance(long now)
    {
        while (now >= _end)
        {
            Fill(_end);
            if (++_index == Limit)
            {
                MergePairs();
            }

            _end += _width;
            ref var next = ref _stretches[_index];
            next = new() { QueueMax = Queue, ExecutionsMax = Executions };
        }

        Fill(now);
    }

    private void Fill(long now)
    {
        var time = (double)(now - _last);
        if (time > 0)
        {
            ref var stretch = ref _stretches[_index];
            stretch.QueueArea += Queue * time;
            stretch.ExecutionsArea += Executions * time;
            stretch.ReplicasArea += Replicas * time;
            _last = now;
        }
    }

    private void MergePairs()
    {
        for (var index = 0; index < Limit / 2; index++)
        {
            _stretches[index] = Stretch.Sum(_stretches[2 * index], _stretches[(2 * index) + 1]);
        }

        _width *= 2;
        _index = Limit / 2;
    }

    private struct Stretch
    {
        public double QueueArea;
        public long QueueMax;
        public double ExecutionsArea;
        public int ExecutionsMax;
        public double ReplicasArea;
        public long Begun;
        public double WaitSum;
        public long WaitMax;

        public static Stretch Sum(in Stretch one, in Stretch other) => new()
        {
            QueueArea = one.QueueArea + other.QueueArea,
            QueueMax = Math.Max(one.QueueMax, other.QueueMax),
            ExecutionsArea = one.ExecutionsArea + other.ExecutionsArea,
            ExecutionsMax = Math.Max(one.ExecutionsMax, other.ExecutionsMax),
            ReplicasArea = one.ReplicasArea + other.ReplicasArea,
            Begun = one.Begun + other.Begun,
            WaitSum = one.WaitSum + other.WaitSum,
            WaitMax = Math.Max(one.WaitMax, other.WaitMax),
        };
    }
}
