using System.CommandLine;
using KedaJobs.Scaling.Simulation;

namespace KedaJobs.Planner.Simulation;

/// <summary>The options of the settings that simulate takes one of and sweep takes many of.</summary>
internal sealed class SettingsOptions
{
    private readonly Option<string?> _messageCount = Create(
        "--message-count", "Messages of the first queue that one execution should take");
    private readonly Option<string?> _maxExecutions = Create("--max-executions", "The maximum number of concurrent executions");
    private readonly Option<string?> _pollingInterval = Create("--polling-interval", "Seconds between two polls");
    private readonly Option<string?> _strategy = Create("--strategy", "default, accurate or eager");
    private readonly Option<string?> _concurrency = Create("--concurrency", "Messages one replica handles at once");
    private readonly bool _many;

    public SettingsOptions(Command command, bool many)
    {
        _many = many;
        foreach (var option in (Option<string?>[])[_messageCount, _maxExecutions, _pollingInterval, _strategy, _concurrency])
        {
            option.Description += many ? ": comma-separated values." : ", instead of the scenario's.";
            command.Add(option);
        }
    }

    /// <summary>Every combination of the given values.</summary>
    public IReadOnlyList<SimulationSettings> Read(ParseResult parsed) =>
    [
        .. from count in Numbers(parsed, _messageCount)
           from max in Numbers(parsed, _maxExecutions)
           from poll in Numbers(parsed, _pollingInterval)
           from strategy in Words(parsed, _strategy)
           from concurrency in Numbers(parsed, _concurrency)
           select new SimulationSettings(count, max, poll, strategy, concurrency),
    ];

    private IEnumerable<int?> Numbers(ParseResult parsed, Option<string?> option) => Values(parsed, option).Select(text =>
        text is null ? (int?)null
            : int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
                && number >= 1 ? number
            : throw new PlannerInputException($"{option.Name}: '{text}' must be a whole number of at least 1."));

    private IEnumerable<string?> Words(ParseResult parsed, Option<string?> option) => Values(parsed, option).Select(text =>
        text is null || SimulationSettings.Strategies.Contains(text) ? text
            : throw new PlannerInputException(
                $"{option.Name}: '{text}' must be one of {string.Join(", ", SimulationSettings.Strategies)}."));

    private IReadOnlyList<string?> Values(ParseResult parsed, Option<string?> option)
    {
        var text = parsed.GetValue(option);
        var values = (IReadOnlyList<string?>?)text?.Split(',', StringSplitOptions.TrimEntries) ?? [null];
        return values.Count == 1 || _many
            ? values
            : throw new PlannerInputException($"{option.Name}: one value, not '{text}'; sweep takes several.");
    }

    private static Option<string?> Create(string name, string description) => new(name) { Description = description };
}
