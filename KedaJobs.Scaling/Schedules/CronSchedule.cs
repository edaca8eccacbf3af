using System.Globalization;
using Cronos;

namespace KedaJobs.Scaling.Schedules;

/// <summary>
/// A cron expression of five fields (minute, hour, day of month, month, day of week), as Container
/// Apps jobs and KEDA's cron scaler accept it.
/// </summary>
/// <remarks>
/// Source: robfig/cron v3, which Kubernetes and KEDA use. What it rejects is rejected here: six fields, macros such as <c>@daily</c>, 7 for
/// Sunday, ranges that wrap around, and the extensions L, W and #. If a day of the month and a day of the week are both restricted, a day
/// matches if it satisfies either of them.
/// </remarks>
public sealed class CronSchedule
{
    private readonly IReadOnlyList<CronExpression> _either;

    private CronSchedule(string text, IReadOnlyList<CronExpression> either)
    {
        Text = text;
        _either = either;
    }

    /// <summary>The expression as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads an expression.</summary>
    /// <param name="text">Five fields separated by spaces, for instance <c>0 3 * * *</c>; null counts as empty.</param>
    /// <returns>The schedule; or null and what is wrong with the expression, as the end of a sentence that begins with it.</returns>
    public static (CronSchedule? Schedule, string? Problem) Parse(string? text)
    {
        var fields = (text ?? "").Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != CronField.All.Count)
        {
            return (null, $"has {fields.Length} {(fields.Length == 1 ? "field" : "fields")}; a schedule has five: "
                + "minute, hour, day of month, month, day of week");
        }

        var parsed = new CronField[fields.Length];
        for (var index = 0; index < fields.Length; index++)
        {
            if (CronField.Parse(CronField.All[index], fields[index], out parsed[index]) is { } problem)
            {
                return (null, problem);
            }
        }

        var (days, weekdays) = (parsed[2], parsed[4]);
        var schedule = new CronSchedule(text!, days.IsAny || weekdays.IsAny
            ? [Expression(parsed)]
            : [Expression([.. parsed[..4], weekdays.Any]), Expression([.. parsed[..2], days.Any, .. parsed[3..]])]);
        return schedule.Next(DateTimeOffset.UnixEpoch, TimeZoneInfo.Utc) is null
            ? (null, "never comes: no such date exists")
            : (schedule, null);
    }

    /// <summary>The first time after an instant.</summary>
    /// <param name="after">The instant; the schedule's time is later.</param>
    /// <param name="zone">The time zone that the fields are in.</param>
    /// <returns>The time, in the zone's offset; null if there is none before the year 2100.</returns>
    public DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        DateTimeOffset? first = null;
        foreach (var expression in _either)
        {
            if (expression.GetNextOccurrence(after, zone) is { } next && !(first <= next))
            {
                first = next;
            }
        }

        return first;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    // Values only: what Cronos would read otherwise than robfig/cron has been resolved.
    private static CronExpression Expression(IEnumerable<CronField> fields) =>
        CronExpression.Parse(string.Join(
            ' ', fields.Select(field => string.Join(',', field.Values.Select(value => value.ToString(CultureInfo.InvariantCulture))))));
}
