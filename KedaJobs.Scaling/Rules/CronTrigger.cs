using System.Globalization;
using KedaJobs.Scaling.Schedules;

namespace KedaJobs.Scaling.Rules;

/// <summary>KEDA's cron scaler: from each start to the next end it wants a fixed number of executions, otherwise it is inactive.</summary>
/// <remarks>Source: KEDA, <c>cron_scaler.go</c>. Its metric's target is 1 per execution.</remarks>
public sealed class CronTrigger
{
    /// <summary>The scaler's type.</summary>
    public const string Type = "cron";

    /// <summary>What its reading counts, as <see cref="TriggerReading.Noun"/>.</summary>
    public const string Noun = "desired execution";

    private readonly CronSchedule _start;
    private readonly CronSchedule _end;
    private readonly TimeZoneInfo _zone;

    private CronTrigger(CronSchedule start, CronSchedule end, TimeZoneInfo zone, long desiredReplicas)
    {
        _start = start;
        _end = end;
        _zone = zone;
        DesiredReplicas = desiredReplicas;
    }

    /// <summary>The executions that it wants while it is active. At least 1.</summary>
    public long DesiredReplicas { get; }

    /// <summary>Reads the scaler's metadata. Names are case-sensitive; unknown names are ignored.</summary>
    /// <param name="metadata">timezone (of the IANA database), start and end (five cron fields each), desiredReplicas.</param>
    /// <returns>The trigger; or null and everything that is wrong, each with what to write.</returns>
    public static (CronTrigger? Trigger, IReadOnlyList<(string Problem, string Cure)> Problems) Parse(
        IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        var problems = new List<(string, string)>();
        var zone = Zone(metadata.GetValueOrDefault("timezone"), problems);
        var start = Schedule("start", metadata.GetValueOrDefault("start"), problems);
        var end = Schedule("end", metadata.GetValueOrDefault("end"), problems);
        if (start is not null && start.Text == end?.Text)
        {
            problems.Add(($"start and end are both '{start}'.", "Write different times; KEDA refuses equal ones."));
        }

        var text = metadata.GetValueOrDefault("desiredReplicas");
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var desired) || desired < 1)
        {
            problems.Add((
                text is null ? "desiredReplicas is missing." : $"desiredReplicas is '{text}'.",
                "Write a whole number from 1 as a string."));
        }

        return problems.Count > 0 ? (null, problems) : (new(start!, end!, zone!, desired), []);
    }

    /// <summary>Reads the trigger at an instant, as KEDA does: it is active if its next end is not after its next start.</summary>
    /// <param name="now">The instant.</param>
    /// <returns>The reading, with <see cref="DesiredReplicas"/> as its length while it is active and otherwise 0.</returns>
    public TriggerReading Read(DateTimeOffset now) =>
        new(_end.Next(now, _zone) <= _start.Next(now, _zone) ? DesiredReplicas : 0, Target: 1) { Noun = Noun };

    private static TimeZoneInfo? Zone(string? name, List<(string, string)> problems)
    {
        if (name is { Length: > 0 }
            && !TimeZoneInfo.TryConvertWindowsIdToIanaId(name, out _)
            && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
        {
            return zone;
        }

        problems.Add((
            name is { Length: > 0 } ? $"timezone is '{name}'." : "timezone is missing.",
            "Write a name of the IANA database, for instance \"Europe/Berlin\" or \"Etc/UTC\"."));
        return null;
    }

    private static CronSchedule? Schedule(string name, string? text, List<(string, string)> problems)
    {
        var (schedule, problem) = text is null ? (null, "is missing") : CronSchedule.Parse(text);
        if (problem is not null)
        {
            problems.Add((
                text is null ? $"{name} {problem}." : $"{name} '{text}' {problem}.",
                "Write five cron fields, for instance \"0 8 * * 1-5\"."));
        }

        return schedule;
    }
}
