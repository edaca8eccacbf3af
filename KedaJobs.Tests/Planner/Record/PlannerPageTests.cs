using System.Text.Json;
using System.Text.RegularExpressions;
using Azure.Messaging.ServiceBus;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Scaling.Simulation;
using KedaJobs.Tests.Planner.Simulation;
using KedaJobs.Tests.Scaling.Definitions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Planner.Record;

/// <summary>Every command of docs/planner.md does what the page says, and the page's pictures are what its commands draw.</summary>
public sealed partial class PlannerPageTests : IDisposable
{
    private const string Variable = "KEDAJOBS_CONNECTIONSTRING";
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "planner.md"));

    private readonly ScenarioFolder _folder = new();

    public static TheoryData<string> Commands() => [.. Command().Matches(Page).Select(match => match.Value)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Command_succeeds(string line)
    {
        var command = Command().Match(line);
        var pictures = new List<(string Drawn, string Published)>();
        var arguments = command.Groups["arguments"].Value.Split('>')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(argument => Place(argument, pictures)).ToArray();
        if (arguments[0] == "export")
        {
            _folder.Write("worker.json", JobDefinitionFile.Write(Samples.Worker));
        }

        await using var broker = arguments[0] == "record" ? await JobsBroker.StartAsync() : null;
        if (broker is not null)
        {
            await broker.Client.CreateSender("jobs").SendMessageAsync(new ServiceBusMessage("x"));
            Environment.SetEnvironmentVariable(Variable, broker.JobsConnection);
        }

        var run = await PlannerRun.Of(command.Groups["input"].Value, arguments);
        Environment.SetEnvironmentVariable(Variable, null);
        Assert.True(run.ExitCode == 0, $"{line}: {run.Error}");
        foreach (var (drawn, published) in pictures.Where(_ => OperatingSystem.IsLinux()))
        {
            // Other systems' logarithms may differ in their last digit.
            Assert.True(
                File.ReadAllText(drawn) == File.ReadAllText(published),
                $"{published} is not what the command draws: run eng/planner-pictures.sh.");
        }
    }

    [Fact]
    public void Page_has_every_verb_and_picture()
    {
        var commands = Command().Matches(Page).Select(match => match.Groups["arguments"].Value.Split(' ')[0]).ToHashSet();
        Assert.Superset(new HashSet<string> { "explain", "export", "record", "simulate", "sweep" }, commands);
        Assert.Equal(
            Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "planner"), "*.svg").Select(Path.GetFileName).Order(),
            Picture().Matches(Page).Select(match => match.Groups[1].Value).Order());
    }

    [Fact]
    public async Task Numbers_of_the_page_are_what_is_simulated()
    {
        using var strategies = await Simulate("strategy-accurate");
        var accurate = strategies.RootElement[0];
        Assert.Contains(
            $"For {accurate.GetProperty("arrived")} messages, {accurate.GetProperty("executionsWithoutWork")} of "
                + $"{accurate.GetProperty("executions")} executions get no message.",
            Page, StringComparison.Ordinal);

        using var five = await Simulate("five-default");
        using var one = await Simulate("five-one");
        Assert.Contains(
            FormattableString.Invariant($"falls from {P95(five) / 60:0.0} minutes to {P95(one):0} seconds"), Page,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Prices_of_the_page_are_a_table()
    {
        var text = Page[Page.IndexOf("```json", StringComparison.Ordinal)..][7..];
        var table = PriceTable.Read(System.Text.Encoding.UTF8.GetBytes(text[..text.IndexOf("```", StringComparison.Ordinal)]));
        Assert.NotNull(table.Consumption);
        Assert.NotNull(table.Dedicated);
    }

    private string Place(string argument, List<(string, string)> pictures)
    {
        if (argument.StartsWith("docs/", StringComparison.Ordinal) && argument.EndsWith(".svg", StringComparison.Ordinal))
        {
            pictures.Add((_folder.At(Path.GetFileName(argument)), Path.Combine(Repository.Root, argument)));
            return pictures[^1].Item1;
        }

        return argument.StartsWith("docs/", StringComparison.Ordinal) ? Path.Combine(Repository.Root, argument)
            : argument is "out/jobs/worker.json" or "report.html" or "trace.csv" ? _folder.At(Path.GetFileName(argument))
            : argument;
    }

    private static async Task<JsonDocument> Simulate(string scenario)
    {
        var run = await PlannerRun.Of("", "simulate", Path.Combine(Repository.Root, "docs", "planner", $"{scenario}.json"), "--json");
        return JsonDocument.Parse(run.Output);
    }

    private static double P95(JsonDocument result) => result.RootElement[0].GetProperty("waitSeconds").GetProperty("p95").GetDouble();

    [GeneratedRegex(
        @"^(echo '(?<input>[^']*)' \| )?dotnet run --project KedaJobs\.Planner -- (?<arguments>[a-z].*)$", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"!\[[^\]]+\]\(planner/([a-z]+\.svg)\)")]
    private static partial Regex Picture();
}
