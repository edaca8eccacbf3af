using System.Text;
using KedaJobs.Scaling.Simulation;

namespace KedaJobs.Hosting.Local.WhatIf;

/// <summary>Simulations of one load side by side, as a table in Markdown.</summary>
internal static class WhatIfTable
{
    public static string Of(IReadOnlyList<(string Title, SimulationInput Input, SimulationResult Result)> columns, PriceTable prices)
    {
        var settings = columns.Select(column => SimulationSettings.Of(column.Input)).ToList();
        var results = columns.Select(column => column.Result).ToList();
        (string Name, IEnumerable<string> Cells, bool IsShown)[] rows =
        [
            ("Messages per execution", settings.Select(setting => DisplayText.Count(setting.MessageCount!.Value)), true),
            ("Max executions", settings.Select(setting => DisplayText.Count(setting.MaxExecutions!.Value)), true),
            ("Polling interval", settings.Select(setting => $"{setting.PollingIntervalSeconds} s"), true),
            ("Concurrency", settings.Select(setting => $"{setting.Concurrency}"), true),
            ("Strategy", settings.Select(setting => setting.Strategy!), settings.Exists(setting => setting.Strategy != "default")),
            ("**Wait, median**", results.Select(result => Time(result.Wait.Percentile(0.5))), true),
            ("**Wait, 95th percentile**", results.Select(result => Time(result.Wait.Percentile(0.95))), true),
            ("**Wait, longest**", results.Select(result => Time(result.Wait.Max)), true),
            ("**Executions**", results.Select(result => Count(result.Executions)), true),
            ("**Executions without messages**", results.Select(result => Count(result.ExecutionsWithoutWork)), true),
            ("Max concurrent executions", results.Select(result => Count(result.MostExecutions)), true),
            ("Dead letters", results.Select(result => Count(result.DeadLettered)), results.Exists(result => result.DeadLettered > 0)),
            ("Not handled", results.Select(result => Count(result.Left)), results.Exists(result => result.Left > 0)),
            ("**Cost**", results.Select(result => DisplayText.Money(prices.CostOf(result), prices.Currency)), true),
        ];
        var table = new StringBuilder("| |").AppendJoin("|", columns.Select(column => $" {column.Title} ")).Append("|\n|---|")
            .AppendJoin("|", columns.Select(_ => "---:")).Append("|\n");
        foreach (var (name, cells, _) in rows.Where(row => row.IsShown))
        {
            table.Append("| ").Append(name).Append(" | ").AppendJoin(" | ", cells).Append(" |\n");
        }

        return table.ToString();
    }

    private static string Time(TimeSpan time) => DisplayText.Time(time);

    private static string Count(long count) => DisplayText.Count(count);
}
