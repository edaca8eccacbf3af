using System.CommandLine;
using KedaJobs.Scaling.Simulation;
using Spectre.Console;

namespace KedaJobs.Planner.Simulation;

/// <summary>The verb <c>simulate</c>.</summary>
internal static class SimulateCommand
{
    private const string Description =
        """
        Simulates a job: how long messages wait, how many executions start, what they cost.

        Reads scenarios: arrivals, work, cold start, worker, queue and scale rule as JSON, see docs/planner.md, for instance
          {"queues":[{"arrivals":{"pattern":"poisson","perSecond":2,"durationSeconds":3600}}],
           "work":{"distribution":"exponential","meanSeconds":3}}
        Several scenarios are shown side by side.
        """;

    public static Command Create(PlannerStreams streams)
    {
        var files = new Argument<string[]>("SCENARIO") { Description = "Scenario files.", Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json") { Description = "JSON instead of a table; times in seconds." };
        var html = new Option<string?>("--html") { Description = "Also writes a report with plots as one self-contained page." };
        var svg = new Option<string?>("--svg") { Description = "Also writes the plots as one SVG picture." };
        var command = new Command("simulate", Description) { files, json, html, svg };
        var prices = PriceOption(command);
        var overrides = new SettingsOptions(command, many: false);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var table = ReadPrices(parsed.GetValue(prices));
            var settings = overrides.Read(parsed)[0];
            var scenarios = parsed.GetRequiredValue(files).Select(file => Apply(settings, ScenarioReader.Read(file))).ToList();
            var outcomes = scenarios.Select(scenario => new Outcome(scenario, JobSimulation.Run(scenario.Input, cancellationToken)))
                .ToList();
            if (parsed.GetValue(html) is { } page)
            {
                await OutputFile.WriteAsync(page, HtmlReport.Write(outcomes, table));
            }

            if (parsed.GetValue(svg) is { } picture)
            {
                await OutputFile.WriteAsync(picture, Plots.Picture(outcomes, table));
            }

            if (parsed.GetValue(json))
            {
                await ResultJson.WriteAsync(streams.Output, [.. outcomes.Select(outcome => ResultDocument.Of(outcome, table))]);
            }
            else
            {
                WriteTable(streams, outcomes, table);
            }

            return ExitCodes.Success;
        });
        return command;
    }

    private static Scenario Apply(SimulationSettings settings, Scenario scenario) => settings.Describe() is { Length: > 0 } changed
        ? scenario.With(settings.Apply(scenario.Input)) with { Title = $"{scenario.Title} ({changed})" }
        : scenario;

    public static Option<string?> PriceOption(Command command)
    {
        var option = new Option<string?>("--prices")
        {
            Description = $"A price table (JSON); otherwise: {PriceTable.Default.Name}, {PriceTable.Default.Date:yyyy-MM-dd}.",
        };
        command.Add(option);
        return option;
    }

    public static PriceTable ReadPrices(string? file) =>
        file is null ? PriceTable.Default : InputFile.Read(file, content => PriceTable.Read(content));

    private static void WriteTable(PlannerStreams streams, List<Outcome> outcomes, PriceTable prices)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("");
        foreach (var outcome in outcomes)
        {
            table.AddColumn(new TableColumn(outcome.Scenario.Title.EscapeMarkup()).RightAligned());
        }

        foreach (var (name, values) in ResultTable.Rows(outcomes, prices))
        {
            table.AddRow([name, .. values]);
        }

        var console = streams.Console();
        console.Write(table);
        foreach (var outcome in outcomes)
        {
            foreach (var note in outcome.Notes)
            {
                console.MarkupLineInterpolated($"[yellow]{outcome.Scenario.Title}: {note}.[/]");
            }
        }

        console.MarkupLineInterpolated($"[dim]{ResultTable.Footer(prices)}[/]");
    }
}
