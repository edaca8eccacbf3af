using System.Numerics;
using KedaJobs.Scaling.Json;
using KedaJobs.Scaling.Simulation;

namespace KedaJobs.Planner.Simulation;

/// <summary>Checks the values of a scenario and says where the wrong one stands.</summary>
internal sealed class ScenarioFields(byte[] utf8)
{
    private const double LongestSeconds = 10 * 365 * 86400d;

    public JsonInputException Wrong(string field, string problem) => StrictJson.Wrong(utf8, field, problem);

    public T? AtLeast<T>(T? value, T least, string field)
        where T : struct, INumber<T> =>
        value is { } number && !(number >= least) ? throw Wrong(field, $"is {number} and must be at least {least}") : value;

    public decimal? Above0(decimal? value, string field) =>
        value <= 0 ? throw Wrong(field, $"is {value} and must be above 0") : value;

    public double Above0(double? value, string field) => value switch
    {
        null => throw Wrong(field, "is missing"),
        > 0 and < double.PositiveInfinity => value.Value,
        _ => throw Wrong(field, $"is {value} and must be above 0"),
    };

    public double? Share(double? value, string field) =>
        value is not null and not (>= 0 and <= 1) ? throw Wrong(field, $"is {value} and must be from 0 to 1") : value;

    public TimeSpan? Seconds(double? value, double least, string field) => value switch
    {
        null => null,
        { } seconds when seconds >= least && seconds <= LongestSeconds => TimeSpan.FromSeconds(seconds),
        _ => throw Wrong(field, $"is {value} and must be from {least} to {LongestSeconds} seconds"),
    };

    public TimeSpan RequiredSeconds(double? value, double least, string field) => Seconds(value, least, field) ?? throw Wrong(field, "is missing");

    public string? OneOf(string? value, string field, params string[] words) =>
        value is null || words.Contains(value) ? value : throw Wrong(field, $"is '{value}' and must be one of {string.Join(", ", words)}");

    public Distribution? Time(ScenarioTime? time, string field)
    {
        if (time is null)
        {
            return null;
        }

        TimeSpan Required(double? value, string name, double least = 0) => RequiredSeconds(value, least, $"{field}.{name}");
        switch (OneOf(time.Distribution ?? "constant", $"{field}.distribution", "constant", "uniform", "exponential", "lognormal", "measured"))
        {
            case "uniform":
                var from = Required(time.FromSeconds, "fromSeconds");
                return Distribution.Uniform(from, Required(time.ToSeconds, "toSeconds", from.TotalSeconds));
            case "exponential":
                return Distribution.Exponential(Required(time.MeanSeconds, "meanSeconds"));
            case "lognormal":
                var median = Required(time.MedianSeconds, "medianSeconds", 0.000001);
                return Distribution.LogNormal(median, Required(time.P95Seconds, "p95Seconds", median.TotalSeconds));
            case "measured":
                return time.MeasuredSeconds is { Count: > 0 } values
                    ? Distribution.Measured([.. values.Select((value, index) => RequiredSeconds(value, 0, $"{field}.measuredSeconds[{index}]"))])
                    : throw Wrong($"{field}.measuredSeconds", "must be an array of at least one number of seconds");
            default:
                return Distribution.Constant(Required(time.Seconds, "seconds"));
        }
    }
}
