using KedaJobs.Scaling.Simulation;

namespace KedaJobs.Planner.Simulation;

/// <summary>How long something takes as a scenario describes it.</summary>
internal static class ScenarioTimes
{
    public static Distribution? Read(JsonFields fields, ScenarioTime? time, string path)
    {
        if (time is null)
        {
            return null;
        }

        switch (fields.OneOf(
            time.Distribution ?? "constant", $"{path}.distribution", "constant", "uniform", "exponential", "lognormal", "measured"))
        {
            case "uniform":
                var from = fields.RequiredSeconds(time.FromSeconds, 0, $"{path}.fromSeconds");
                return Distribution.Uniform(from, fields.RequiredSeconds(time.ToSeconds, from.TotalSeconds, $"{path}.toSeconds"));
            case "exponential":
                return Distribution.Exponential(fields.RequiredSeconds(time.MeanSeconds, 0, $"{path}.meanSeconds"));
            case "lognormal":
                var median = fields.RequiredSeconds(time.MedianSeconds, 0.000001, $"{path}.medianSeconds");
                return Distribution.LogNormal(median, fields.RequiredSeconds(time.P95Seconds, median.TotalSeconds, $"{path}.p95Seconds"));
            case "measured":
                return Distribution.Measured(Measured(fields, time.MeasuredSeconds, $"{path}.measuredSeconds"));
            default:
                return Distribution.Constant(fields.RequiredSeconds(time.Seconds, 0, $"{path}.seconds"));
        }
    }

    private static List<TimeSpan> Measured(JsonFields fields, IReadOnlyList<double>? values, string path)
    {
        if (values is not { Count: > 0 })
        {
            throw fields.Wrong(path, "must be an array of at least one number of seconds");
        }

        var times = new List<TimeSpan>();
        foreach (var (index, value) in values.Index())
        {
            times.Add(fields.RequiredSeconds(value, 0, $"{path}[{index}]"));
        }

        return times;
    }
}
