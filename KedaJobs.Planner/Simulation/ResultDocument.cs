using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using KedaJobs.Scaling.Simulation;

namespace KedaJobs.Planner.Simulation;

/// <summary>A simulation as programs read it. Times are in seconds.</summary>
internal sealed record ResultDocument(
    string Title,
    SettingsDocument Settings,
    long Arrived,
    long Completed,
    long DeadLettered,
    long Lost,
    long Left,
    long DoneInVain,
    TimesDocument WaitSeconds,
    TimesDocument TotalSeconds,
    long Executions,
    long ExecutionsWithoutWork,
    long TimedOut,
    long Failed,
    int MostExecutions,
    long Polls,
    double MakespanSeconds,
    double SimulatedSeconds,
    double VCpuSeconds,
    double GiBSeconds,
    decimal? ConsumptionCost,
    decimal? DedicatedCost,
    string Currency,
    string Prices,
    DateOnly PricesDate,
    IReadOnlyList<string> Notes)
{
    public static ResultDocument Of(Outcome outcome, PriceTable prices)
    {
        var result = outcome.Result;
        return new(
            outcome.Scenario.Title, SettingsDocument.Of(SimulationSettings.Of(outcome.Scenario.Input)), result.Arrived, result.Completed,
            result.DeadLettered, result.Lost, result.Left,
            result.DoneInVain, TimesDocument.Of(result.Wait), TimesDocument.Of(result.Total), result.Executions,
            result.ExecutionsWithoutWork, result.TimedOut,
            result.Failed, result.MostExecutions, result.Polls, result.Makespan.TotalSeconds, result.Simulated.TotalSeconds,
            result.VCpuSeconds, result.GiBSeconds,
            prices.ConsumptionCostOf(result), outcome.DedicatedCost(prices), prices.Currency, prices.Name, prices.Date, [.. outcome.Notes]);
    }
}

internal sealed record SettingsDocument(
    long? MessageCount, int? MaxExecutions, int? PollingIntervalSeconds, string? Strategy, int? Concurrency)
{
    public static SettingsDocument Of(SimulationSettings settings) =>
        new(settings.MessageCount, settings.MaxExecutions, settings.PollingIntervalSeconds, settings.Strategy, settings.Concurrency);
}

internal sealed record TimesDocument(double P50, double P95, double P99, double Max)
{
    public static TimesDocument Of(DurationSketch sketch) => new(
        sketch.Percentile(0.5).TotalSeconds, sketch.Percentile(0.95).TotalSeconds, sketch.Percentile(0.99).TotalSeconds,
        sketch.Max.TotalSeconds);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ResultDocument[]))]
internal sealed partial class ResultJson : JsonSerializerContext
{
    public static async Task WriteAsync(Stream output, ResultDocument[] results)
    {
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true, NewLine = "\n" };
        await using (var json = new Utf8JsonWriter(output, options))
        {
            JsonSerializer.Serialize(json, results, Default.ResultDocumentArray);
        }

        output.Write("\n"u8);
    }
}

/// <summary>A scenario and its result.</summary>
internal sealed record Outcome(Scenario Scenario, SimulationResult Result)
{
    public IEnumerable<string> Notes => Result.Ending is { } ending ? Scenario.AllNotes.Append(ending) : Scenario.AllNotes;

    /// <exception cref="PlannerInputException">A replica does not fit the price table's node.</exception>
    public decimal? DedicatedCost(PriceTable prices)
    {
        try
        {
            return prices.DedicatedCostOf(Result);
        }
        catch (ArgumentException exception)
        {
            throw new PlannerInputException($"{prices.Name}: {exception.Message}", exception);
        }
    }

    public decimal Cost(PriceTable prices) => prices.ConsumptionCostOf(Result) ?? DedicatedCost(prices) ?? 0;
}
