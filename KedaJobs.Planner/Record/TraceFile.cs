using System.Globalization;
using System.Text;

namespace KedaJobs.Planner.Record;

/// <summary>
/// A trace: one message a line, when it arrived and, if known, its size in bytes. Times are ISO 8601 with an offset or seconds since any
/// beginning; the first message is the beginning. A header and empty lines are skipped.
/// </summary>
internal static class TraceFile
{
    public const string Header = "enqueued,bytes";

    /// <exception cref="PlannerInputException">A line is not a message, or comes before the one above it.</exception>
    public static IEnumerable<(TimeSpan At, int Size)> Read(string path)
    {
        StreamReader reader;
        try
        {
            reader = new(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PlannerInputException($"{path}: {exception.Message}", exception);
        }

        using (reader)
        {
            foreach (var message in Read(reader, path))
            {
                yield return message;
            }
        }
    }

    internal static IEnumerable<(TimeSpan At, int Size)> Read(TextReader reader, string name)
    {
        var (line, messages) = (0, 0);
        var (first, last) = (0L, 0L);
        bool? dates = null;
        while (reader.ReadLine() is { } text)
        {
            line++;
            if (text.AsSpan().Trim().IsEmpty || (messages == 0 && line == 1 && IsHeader(text)))
            {
                continue;
            }

            var comma = text.IndexOf(',', StringComparison.Ordinal);
            var time = (comma < 0 ? text : text[..comma]).Trim();
            var (at, isDate) = Time(time) ?? throw PlannerInputException.At(name, line, 1,
                $"'{time}' is not a time: write ISO 8601 with an offset (2026-05-04T10:00:00.250Z) or seconds (12.5)");
            if ((dates ??= isDate) != isDate)
            {
                throw PlannerInputException.At(name, line, 1, "dates and seconds are mixed: use one of them in all lines");
            }

            first = messages == 0 ? at : first;
            if (messages++ > 0 && at < last)
            {
                throw PlannerInputException.At(name, line, 1, $"'{time}' is before the line above it: sort the file by time");
            }

            if (at - first > TimeSpan.TicksPerDay * 3650)
            {
                throw PlannerInputException.At(name, line, 1, $"'{time}' is more than ten years after the first message");
            }

            last = at;
            yield return (TimeSpan.FromTicks(at - first), comma < 0 ? 0 : Size(text[(comma + 1)..], name, line, comma + 2));
        }

        if (messages == 0)
        {
            throw PlannerInputException.At(name, Math.Max(1, line), 1, "there is no message in it");
        }
    }

    /// <summary>Writes a trace with dates.</summary>
    public static async Task WriteAsync(Stream output, IEnumerable<(DateTimeOffset Enqueued, long Size)> messages)
    {
        await using var writer = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        await writer.WriteLineAsync(Header);
        foreach (var (enqueued, size) in messages)
        {
            await writer.WriteLineAsync(
                string.Create(CultureInfo.InvariantCulture, $"{enqueued.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffffffZ},{size}"));
        }
    }

    // The first line is a header if it has no digit where a time would begin.
    private static bool IsHeader(string text) => char.IsAsciiLetter(text.TrimStart()[0]);

    private static (long Ticks, bool IsDate)? Time(string text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
        {
            return double.IsFinite(seconds) && Math.Abs(seconds) < 1e11 ? ((long)(seconds * TimeSpan.TicksPerSecond), false) : null;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? (date.UtcTicks, true)
            : null;
    }

    private static int Size(string text, string name, int line, int column) =>
        string.IsNullOrWhiteSpace(text) ? 0
            : int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size
            : throw PlannerInputException.At(
                name, line, column, $"'{text.Trim()}' is not a size: write a whole number of bytes, or nothing");
}
