using System.Diagnostics.Metrics;
using KedaJobs.Scaling.Executions;

namespace KedaJobs.Hosting;

/// <summary>What the local KEDA measures, under the meter <see cref="MeterName"/>. Every measurement carries the job's name.</summary>
internal sealed class ScalingMetrics
{
    public const string MeterName = "KedaJobs.Scaling";

    private const string JobTag = "kedajobs.job.name";
    private const string StatusTag = "kedajobs.execution.status";

    // In seconds: the default boundaries are meant for milliseconds.
    private static readonly double[] StartBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
    private static readonly double[] DurationBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];

    private readonly Histogram<double> _startDelay;
    private readonly Histogram<double> _executionDuration;
    private readonly Counter<long> _polls;
    private readonly Gauge<long> _queueLength;
    private readonly UpDownCounter<long> _running;

    public ScalingMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(MeterName);
        _polls = meter.CreateCounter<long>("kedajobs.polls", "{poll}", "Polls of the queue, by whether its count could be read.");
        _queueLength = meter.CreateGauge<long>("kedajobs.queue.length", "{message}", "Active messages at the last poll.");
        _running = meter.CreateUpDownCounter<long>("kedajobs.executions.running", "{execution}", "Executions that have not ended.");
        _startDelay = meter.CreateHistogram<double>(
            "kedajobs.start.delay", "s", "From the count's arrival to the start of an execution's first process.",
            advice: new() { HistogramBucketBoundaries = StartBuckets });
        _executionDuration = meter.CreateHistogram<double>(
            "kedajobs.execution.duration", "s", "From an execution's creation to its end, by its status.",
            advice: new() { HistogramBucketBoundaries = DurationBuckets });
    }

    public void Polled(string job, long? queueLength)
    {
        _polls.Add(1, Tag(job), new("error", queueLength is null));
        if (queueLength is { } length)
        {
            _queueLength.Record(length, Tag(job));
        }
    }

    public void Started(string job) => _running.Add(1, Tag(job));

    public void ProcessStarted(string job, TimeSpan sinceCount) => _startDelay.Record(sinceCount.TotalSeconds, Tag(job));

    public void Ended(string job, ExecutionStatus status, TimeSpan duration)
    {
        _running.Add(-1, Tag(job));
        _executionDuration.Record(duration.TotalSeconds, Tag(job), new(StatusTag, status.ToString()));
    }

    private static KeyValuePair<string, object?> Tag(string job) => new(JobTag, job);
}
