using System.CommandLine;
using System.Globalization;
using KedaJobs.Planner.Simulation;
using KedaJobs.Scaling.Simulation;
using Spectre.Console;

namespace KedaJobs.Planner.Sweep;

/// <summary>The verb <c>sweep</c>.</summary>
internal static class SweepCommand
{
    private const string Description =
        """
        Simulates a scenario with every combination of the given settings, and shows those for which no others have both a shorter 95th
        percentile of the wait and a lower cost.

        For instance: sweep scenario.json --message-count 1,5,20 --max-executions 5,10,50 --polling-interval 5,30 --p95 30s
        """;

    public static Command Create(PlannerStreams streams)
    {
        var file = new Argument<string>("SCENARIO") { Description = "The scenario file." };
        var json = new Option<bool>("--json") { Description = "JSON instead of a table." };
        var p95 = new Option<string?>("--p95")
        {
            Description = "The longest acceptable 95th percentile of the wait, for instance 30s, 500ms or 2min: "
                + "shows the cheapest settings that meet it.",
        };
        var command = new Command("sweep", Description) { file, json, p95 };
        var prices = SimulateCommand.PriceOption(command);
        var overrides = new SettingsOptions(command, many: true);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var limit = parsed.GetValue(p95) is { } text ? ReadTime(text) : (TimeSpan?)null;
            var table = SimulateCommand.ReadPrices(parsed.GetValue(prices));
            var scenario = ScenarioReader.Read(parsed.GetRequiredValue(file));
            var settings = overrides.Read(parsed);
            var outcomes = await RunAsync(streams, scenario, settings, cancellationToken);
            var front = ParetoFront.Of(outcomes, table);
            var cheapest = limit is null ? null : front.LastOrDefault(outcome => outcome.Wait <= limit);
            if (parsed.GetValue(json))
            {
                var shown = limit is null ? front : cheapest is null ? [] : [cheapest];
                await ResultJson.WriteAsync(streams.Output, [.. shown.Select(point => ResultDocument.Of(point.Outcome, table))]);
            }
            else
            {
                WriteTable(streams, front, cheapest, limit, settings.Count, table);
            }

            return limit is null || cheapest is not null ? ExitCodes.Success : ExitCodes.NothingFits;
        });
        return command;
    }

    private static async Task<Outcome[]> RunAsync(
        PlannerStreams streams, Scenario scenario, IReadOnlyList<SimulationSettings> settings, CancellationToken cancellationToken)
    {
        var outcomes = new Outcome[settings.Count];
        var progress = new Progress(streams.ErrorConsole()) { AutoClear = true };
        await progress.Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask($"{settings.Count} settings", maxValue: settings.Count);
                await Parallel.ForEachAsync(
                    Enumerable.Range(0, settings.Count),
                    new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
                    (index, token) =>
                    {
                        var varied = scenario.With(settings[index].Apply(scenario.Input));
                        outcomes[index] = new(varied, JobSimulation.Run(varied.Input, token));
                        bar.Increment(1);
                        return ValueTask.CompletedTask;
                    });
            });
        return outcomes;
    }

    private static void WriteTable(
        PlannerStreams streams, IReadOnlyList<SweepPoint> front, SweepPoint? cheapest, TimeSpan? limit, int count, PriceTable prices)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in (string[])[
            "wait p95", "cost", "messageCount", "maxExecutions", "polling s", "strategy", "concurrency", "executions", "without messages",
            "not handled",
        ])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var point in front)
        {
            var (settings, result) = (SimulationSettings.Of(point.Outcome.Scenario.Input), point.Outcome.Result);
            string[] cells =
            [
                DisplayText.Time(point.Wait), DisplayText.Money(point.Cost, prices.Currency), $"{settings.MessageCount}",
                $"{settings.MaxExecutions}", $"{settings.PollingIntervalSeconds}",
                $"{settings.Strategy}", $"{settings.Concurrency}", DisplayText.Count(result.Executions),
                DisplayText.Count(result.ExecutionsWithoutWork), DisplayText.Count(point.NotDone),
            ];
            var style = point == cheapest ? new Style(decoration: Decoration.Bold) : Style.Plain;
            table.AddRow(cells.Select(cell => new Text(cell, style)));
        }

        var console = streams.Console();
        console.Write(table);
        console.WriteLine($"{front.Count} of {count} settings: no others have both a shorter wait and a lower cost.");
        if (limit is { } longest)
        {
            console.WriteLine(cheapest is null
                ? $"None meets a p95 of {DisplayText.Time(longest)}. "
                    + "Try more executions, a shorter polling interval or a smaller messageCount."
                : $"Cheapest with a p95 of at most {DisplayText.Time(longest)}: {Describe(cheapest, prices)}.");
        }

        foreach (var note in front.SelectMany(point => point.Outcome.Scenario.AllNotes).Distinct())
        {
            console.MarkupLineInterpolated($"[yellow]{note}.[/]");
        }

        console.MarkupLineInterpolated($"[dim]{ResultTable.Footer(prices)}[/]");
    }

    private static string Describe(SweepPoint point, PriceTable prices)
    {
        var settings = SimulationSettings.Of(point.Outcome.Scenario.Input);
        return $"messageCount {settings.MessageCount}, maxExecutions {settings.MaxExecutions}, "
            + $"pollingInterval {settings.PollingIntervalSeconds} s, strategy {settings.Strategy}, "
            + $"concurrency {settings.Concurrency}: {DisplayText.Time(point.Wait)} for {DisplayText.Money(point.Cost, prices.Currency)}";
    }

    private static TimeSpan ReadTime(string text)
    {
        (string Unit, double Seconds)[] units = [("ms", 0.001), ("min", 60), ("s", 1), ("h", 3600)];
        foreach (var (unit, seconds) in units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text[..^unit.Length], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && number is >= 0 and < 1e9)
            {
                return TimeSpan.FromSeconds(number * seconds);
            }
        }

        throw new PlannerInputException($"--p95: '{text}' is not a time: write, for instance, 30s, 500ms or 2min.");
    }
}
