using KedaJobs.Scaling.Simulation;

namespace KedaJobs.Planner.Simulation;

/// <summary>Simulations side by side, one row for each figure.</summary>
internal static class ResultTable
{
    public static IReadOnlyList<(string Name, IReadOnlyList<string> Values)> Rows(IReadOnlyList<Outcome> outcomes, PriceTable prices)
    {
        (string Name, Func<Outcome, string?> Value)[] rows =
        [
            ("messages", outcome => DisplayText.Count(outcome.Result.Arrived)),
            ("wait p50", outcome => DisplayText.Time(outcome.Result.Wait.Percentile(0.5))),
            ("wait p95", outcome => DisplayText.Time(outcome.Result.Wait.Percentile(0.95))),
            ("wait p99", outcome => DisplayText.Time(outcome.Result.Wait.Percentile(0.99))),
            ("wait max", outcome => DisplayText.Time(outcome.Result.Wait.Max)),
            ("total p50", outcome => DisplayText.Time(outcome.Result.Total.Percentile(0.5))),
            ("total p95", outcome => DisplayText.Time(outcome.Result.Total.Percentile(0.95))),
            ("total p99", outcome => DisplayText.Time(outcome.Result.Total.Percentile(0.99))),
            ("total max", outcome => DisplayText.Time(outcome.Result.Total.Max)),
            ("until the last is completed", outcome => DisplayText.Time(outcome.Result.Makespan)),
            ("max queue length", outcome => DisplayText.Count(outcome.Result.Series.Max(point => point.QueueMax))),
            ("executions", outcome => DisplayText.Count(outcome.Result.Executions)),
            ("executions without messages", outcome => DisplayText.Count(outcome.Result.ExecutionsWithoutWork)),
            ("max concurrent executions", outcome => DisplayText.Count(outcome.Result.MostExecutions)),
            ("timed out", outcome => DisplayText.Count(outcome.Result.TimedOut)),
            ("dead letters", outcome => DisplayText.Count(outcome.Result.DeadLettered)),
            ("repeated work (lock lost)", outcome => outcome.Result.DoneInVain == 0 ? null : DisplayText.Count(outcome.Result.DoneInVain)),
            ("messages lost", outcome => outcome.Result.Lost == 0 ? null : DisplayText.Count(outcome.Result.Lost)),
            ("messages not handled", outcome => outcome.Result.Left == 0 ? null : DisplayText.Count(outcome.Result.Left)),
            ("vCPU-seconds", outcome => DisplayText.Quantity(outcome.Result.VCpuSeconds)),
            ("GiB-seconds", outcome => DisplayText.Quantity(outcome.Result.GiBSeconds)),
            ("cost, consumption", outcome =>
                prices.ConsumptionCostOf(outcome.Result) is { } cost ? DisplayText.Money(cost, prices.Currency) : null),
            ($"cost, dedicated {prices.Dedicated?.Profile}", outcome =>
                outcome.DedicatedCost(prices) is { } cost ? DisplayText.Money(cost, prices.Currency) : null),
        ];
        return
        [
            .. from row in rows
               let values = outcomes.Select(row.Value).ToList()
               where values.Exists(value => value is not null)
               select (row.Name, (IReadOnlyList<string>)[.. values.Select(value => value ?? "0")]),
        ];
    }

    public static string Footer(PriceTable prices) => $"Prices: {prices.Name}, {prices.Date:yyyy-MM-dd}; without the monthly free grant.";
}
