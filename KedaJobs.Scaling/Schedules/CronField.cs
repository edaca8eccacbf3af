using System.Globalization;

namespace KedaJobs.Scaling.Schedules;

/// <summary>One field of a cron expression.</summary>
/// <param name="Kind">Which field.</param>
/// <param name="Values">The values that it takes, ascending.</param>
/// <param name="IsAny">Whether it leaves the field open (<c>*</c> or <c>?</c>). <c>*/2</c> does not, as in robfig/cron.</param>
internal readonly record struct CronField(CronFieldKind Kind, IReadOnlyList<int> Values, bool IsAny)
{
    public static IReadOnlyList<CronFieldKind> All { get; } =
    [
        new("minute", 0, 59, []),
        new("hour", 0, 23, []),
        new("day of month", 1, 31, []),
        new("month", 1, 12, ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]),
        new("day of week", 0, 6, ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]),
    ];

    /// <summary>The same field, left open.</summary>
    public CronField Any => new(Kind, [.. Enumerable.Range(Kind.Min, Kind.Max - Kind.Min + 1)], IsAny: true);

    /// <returns>What is wrong, as the end of a sentence about the expression; null if nothing is.</returns>
    public static string? Parse(CronFieldKind kind, string text, out CronField field)
    {
        var values = new SortedSet<int>();
        var isAny = false;
        field = default;
        foreach (var part in text.Split(','))
        {
            if (Part(kind, part, values, ref isAny) is { } problem)
            {
                return $"has '{text}' as its {kind.Name}, and {problem}";
            }
        }

        field = new(kind, [.. values], isAny);
        return null;
    }

    // One of: * ? N N-M, each with /STEP. N/STEP means from N to the end.
    private static string? Part(CronFieldKind kind, string part, SortedSet<int> values, ref bool isAny)
    {
        var (range, stepText) = part.Split('/') switch
        {
            [var only] => (only, "1"),
            [var first, var second] => (first, second),
            _ => ("", ""),
        };
        if (!Number(stepText, out var step) || step == 0)
        {
            return "a step is a number from 1 after one '/'";
        }

        int from, to;
        if (range is "*" or "?")
        {
            (from, to) = (kind.Min, kind.Max);
            isAny |= step == 1;
        }
        else
        {
            var ends = range.Split('-');
            if (ends.Length > 2 || !kind.Value(ends[0], out from) || !kind.Value(ends[^1], out to))
            {
                return $"takes {kind.Range}, ranges such as {kind.Min}-{kind.Max}, lists, steps such as */2, and *";
            }

            if (ends.Length == 1 && part.Contains('/', StringComparison.Ordinal))
            {
                to = kind.Max;
            }

            if (from > to)
            {
                return $"the range {range} ends before it begins";
            }
        }

        for (var value = from; value <= to; value += step)
        {
            values.Add(value);
        }

        return null;
    }

    private static bool Number(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= 60;

    internal static bool Number(string text, int min, int max, out int value) => Number(text, out value) && value >= min && value <= max;
}

/// <summary>What a field of a cron expression takes.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Min">The least value.</param>
/// <param name="Max">The greatest value.</param>
/// <param name="Names">Names of the values, the least first; empty where there are none.</param>
internal sealed record CronFieldKind(string Name, int Min, int Max, IReadOnlyList<string> Names)
{
    public string Range => Names.Count == 0 ? $"{Min} to {Max}" : $"{Min} to {Max} or {Names[0]} to {Names[^1]}";

    public bool Value(string text, out int value)
    {
        for (var index = 0; index < Names.Count; index++)
        {
            if (Names[index].Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                value = Min + index;
                return true;
            }
        }

        return CronField.Number(text, Min, Max, out value);
    }
}
