using KedaJobs.Planner.Record;
using KedaJobs.Scaling.Simulation;

namespace KedaJobs.Planner.Simulation;

/// <summary>A queue's arrivals as a scenario describes them.</summary>
internal static class ScenarioArrivalsReader
{
    public static ArrivalPattern Read(JsonFields fields, ScenarioArrivals? arrivals, string path, string folder)
    {
        if (arrivals is null)
        {
            throw fields.Wrong(
                path, "is missing: "
                    + "describe when messages arrive, for instance {\"pattern\":\"poisson\",\"perSecond\":2,\"durationSeconds\":3600}");
        }

        var pattern = fields.OneOf(
            arrivals.Pattern
                ?? throw fields.Wrong($"{path}.pattern", "is missing: write constant, poisson, burst, diurnal, spike, trace or none"),
            $"{path}.pattern", "constant", "poisson", "burst", "diurnal", "spike", "trace", "none");
        if (pattern == "trace")
        {
            var file = arrivals.File ?? throw fields.Wrong($"{path}.file", "is missing: name the trace file");
            return ArrivalPattern.Trace(TraceFile.Read(Path.Combine(folder, file)));
        }

        var duration = fields.RequiredSeconds(arrivals.DurationSeconds, 0.001, $"{path}.durationSeconds");
        switch (pattern)
        {
            case "none":
                return ArrivalPattern.None(duration);
            case "constant":
                return ArrivalPattern.Constant(fields.Above0(arrivals.PerSecond, $"{path}.perSecond"), duration);
            case "poisson":
                return ArrivalPattern.Poisson(fields.Above0(arrivals.PerSecond, $"{path}.perSecond"), duration);
            case "burst":
                var messages = fields.AtLeast(arrivals.Messages, 1, $"{path}.messages")
                    ?? throw fields.Wrong($"{path}.messages", "is missing");
                return ArrivalPattern.Burst(
                    messages, fields.Seconds(arrivals.EverySeconds, 0.001, $"{path}.everySeconds") ?? duration, duration);
            case "diurnal":
                return ArrivalPattern.Diurnal(
                    fields.Above0(arrivals.PerSecond, $"{path}.perSecond"),
                    fields.Share(arrivals.Amplitude, $"{path}.amplitude") ?? 0.8,
                    fields.Seconds(arrivals.PeakSeconds, 0, $"{path}.peakSeconds") ?? TimeSpan.FromHours(12),
                    duration);
            default:
                return ArrivalPattern.Spike(
                    fields.AtLeast(arrivals.PerSecond, 0, $"{path}.perSecond") ?? 0,
                    fields.Above0(arrivals.SpikePerSecond, $"{path}.spikePerSecond"),
                    fields.RequiredSeconds(arrivals.SpikeAtSeconds, 0, $"{path}.spikeAtSeconds"),
                    fields.RequiredSeconds(arrivals.SpikeSeconds, 0.001, $"{path}.spikeSeconds"),
                    duration);
        }
    }
}
