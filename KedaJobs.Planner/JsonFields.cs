using System.Globalization;
using System.Numerics;
using KedaJobs.Scaling.Json;
using KedaJobs.Scaling.Rules;

namespace KedaJobs.Planner;

/// <summary>Checks the values of a JSON document that has the right shape, and says where the wrong one stands.</summary>
/// <param name="utf8">The document.</param>
internal readonly ref struct JsonFields(ReadOnlySpan<byte> utf8)
{
    private const double LongestSeconds = 10 * 365 * 86400d;

    private readonly ReadOnlySpan<byte> _utf8 = utf8;

    public JsonInputException Wrong(string field, string problem) => StrictJson.Wrong(_utf8, field, problem);

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

    public TimeSpan RequiredSeconds(double? value, double least, string field) =>
        Seconds(value, least, field) ?? throw Wrong(field, "is missing");

    public string? OneOf(string? value, string field, params ReadOnlySpan<string> words) =>
        value is null || words.Contains(value) ? value : throw Wrong(field, $"is '{value}' and must be one of {string.Join(", ", words)}");

    /// <summary>A moment. It must say its offset: what it means must not depend on the machine.</summary>
    public DateTimeOffset? Instant(string? value, string field)
    {
        if (value is null)
        {
            return null;
        }

        string[] formats = ["yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"];
        var text = value.EndsWith('Z') ? $"{value[..^1]}+00:00" : value;
        return DateTimeOffset.TryParseExact(text, formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant) ? instant
            : throw Wrong(
                field, $"is '{value}' and must be a time with an offset, for instance 2026-05-04T08:30:00+02:00 or 2026-05-04T06:30:00Z");
    }

    /// <summary>A cron rule as KEDA's scaler takes it.</summary>
    public CronTrigger Cron(CronDocument document, string field)
    {
        var metadata = new Dictionary<string, string>();
        foreach (var (name, value) in ((string, string?)[])
        [
            ("timezone", document.Timezone), ("start", document.Start), ("end", document.End),
            ("desiredReplicas", document.DesiredReplicas),
        ])
        {
            if (value is not null)
            {
                metadata.Add(name, value);
            }
        }

        var (trigger, problems) = CronTrigger.Parse(metadata);
        return trigger ?? throw Wrong(field, string.Join(" ", problems.Select(problem => $"{problem.Problem} {problem.Cure}")));
    }
}
