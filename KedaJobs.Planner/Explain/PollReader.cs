using KedaJobs.Scaling.Json;
using KedaJobs.Scaling.Rules;

namespace KedaJobs.Planner.Explain;

/// <summary>JSON to poll.</summary>
internal static class PollReader
{
    /// <summary>Reads one poll. What is left out gets KEDA's default.</summary>
    /// <exception cref="JsonInputException">It is not a poll.</exception>
    public static ScalePoll Read(ReadOnlySpan<byte> utf8)
    {
        var document = StrictJson.Read(utf8, PollJson.Default.PollDocument);
        var fields = new JsonFields(utf8);
        var triggers = new TriggerReading[document.Triggers?.Count ?? throw fields.Wrong("triggers", "must be an array")];
        for (var index = 0; index < triggers.Length; index++)
        {
            var path = $"triggers[{index}]";
            var trigger = document.Triggers[index] ?? throw fields.Wrong(path, "must be an object");
            triggers[index] = trigger.Cron is { } cron ? Cron(fields, document, trigger, cron, path) : Messages(fields, trigger, path);
        }

        return new()
        {
            Min = fields.AtLeast(document.Min, 0, "min"),
            Max = fields.AtLeast(document.Max, 0, "max"),
            Running = fields.AtLeast(document.Running, 0, "running") ?? 0,
            Pending = fields.AtLeast(document.Pending, 0, "pending") ?? 0,
            Strategy = document.Strategy,
            Calculation = document.Calculation,
            Deduction = document.Deduction,
            Percentage = document.Percentage,
            Triggers = triggers,
        };
    }

    private static TriggerReading Messages(JsonFields fields, TriggerDocument document, string path)
    {
        var length = fields.AtLeast(document.Length, 0, $"{path}.length");
        if (length is null && document.Error is not true)
        {
            throw fields.Wrong(
                $"{path}.length", "is missing: write the number of active messages, \"error\": true, or a cron rule (\"cron\")");
        }

        return new(
            length ?? 0,
            fields.AtLeast(document.Target, 0, $"{path}.target") ?? TriggerReading.DefaultTarget,
            document.Activation ?? 0,
            document.Error ?? false);
    }

    /// <summary>What a cron rule says follows from the poll's time alone.</summary>
    private static TriggerReading Cron(JsonFields fields, PollDocument poll, TriggerDocument document, CronDocument cron, string path)
    {
        if (document is not { Length: null, Target: null, Activation: null, Error: null })
        {
            throw fields.Wrong(path, "must have either cron or length, target, activation and error");
        }

        if (cron.Name is not null)
        {
            throw fields.Wrong($"{path}.cron.name", "is not needed: leave it out");
        }

        var trigger = fields.Cron(cron, $"{path}.cron");
        return trigger.Read(fields.Instant(poll.At, "at")
            ?? throw fields.Wrong("at", "is missing: a cron rule needs the time of the poll, for instance \"2026-05-04T08:30:00+02:00\""));
    }
}
