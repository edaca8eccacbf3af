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
        var triggers = new TriggerReading[document.Triggers?.Count ?? throw StrictJson.Wrong(utf8, "triggers", "must be an array")];
        for (var index = 0; index < triggers.Length; index++)
        {
            triggers[index] = Trigger(utf8, document.Triggers[index], $"triggers[{index}]");
        }

        return new()
        {
            Min = Count(utf8, document.Min, "min"),
            Max = Count(utf8, document.Max, "max"),
            Running = Count(utf8, document.Running, "running") ?? 0,
            Pending = Count(utf8, document.Pending, "pending") ?? 0,
            Strategy = document.Strategy,
            Calculation = document.Calculation,
            Deduction = document.Deduction,
            Percentage = document.Percentage,
            Triggers = triggers,
        };
    }

    private static TriggerReading Trigger(ReadOnlySpan<byte> utf8, TriggerDocument? document, string path)
    {
        if (document is null)
        {
            throw StrictJson.Wrong(utf8, path, "must be an object");
        }

        var length = Count(utf8, document.Length, $"{path}.length");
        if (length is null && document.Error is not true)
        {
            throw StrictJson.Wrong(utf8, $"{path}.length", "is missing: write the number of active messages, or \"error\": true");
        }

        return new(
            length ?? 0,
            Count(utf8, document.Target, $"{path}.target") ?? TriggerReading.DefaultTarget,
            document.Activation ?? 0,
            document.Error ?? false);
    }

    private static long? Count(ReadOnlySpan<byte> utf8, long? number, string field) =>
        number is < 0 ? throw StrictJson.Wrong(utf8, field, $"must be a whole number of at least 0, not {number}") : number;
}
