using System.Text.Json;
using System.Xml.Linq;
using KedaJobs.Planner.Simulation;
using KedaJobs.Scaling.Definitions;
using KedaJobs.Tests.Scaling.Definitions;

namespace KedaJobs.Tests.Planner.Simulation;

public sealed class SimulateTests : IDisposable
{
    private readonly ScenarioFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Table_has_one_column_for_each_scenario()
    {
        var file = _folder.Write("a.json", ScenarioFolder.Small);
        var other = _folder.Write(
            "b.json",
            ScenarioFolder.Small.Replace("small", "[wide]", StringComparison.Ordinal).Replace(":4}", ":20}", StringComparison.Ordinal));
        var run = await PlannerRun.Of("", "simulate", file, other);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var lines = run.Output.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length > 0)
            .ToList();
        Assert.Contains(lines, words => words is ["small", "[wide]"]);
        Assert.Contains(lines, words => words is ["executions", "4", "20"]);
        Assert.Contains(lines, words => words is ["wait", "max", "40", "s", "0", "s"]);
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [Fact]
    public async Task JSON_says_everything_in_seconds_and_options_replace_settings()
    {
        var file = _folder.Write("a.json", ScenarioFolder.Small);
        var run = await PlannerRun.Of(
            "", "simulate", file, "--json", "--max-executions", "10", "--concurrency", "2", "--message-count", "2");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        var result = json.RootElement[0];
        Assert.Equal("small (messageCount 2, maxExecutions 10, concurrency 2)", result.GetProperty("title").GetString());
        Assert.Equal(10, result.GetProperty("executions").GetInt32());
        Assert.Equal(20, result.GetProperty("completed").GetInt32());
        Assert.Equal(10, result.GetProperty("totalSeconds").GetProperty("max").GetDouble());

        // Ten replicas of half a vCPU for 10 s of work and 2 s of waiting.
        Assert.Equal(60, result.GetProperty("vCpuSeconds").GetDouble(), 6);
        Assert.Equal((60 * 0.000024m) + (120 * 0.000003m), result.GetProperty("consumptionCost").GetDecimal());
    }

    [Fact]
    public async Task HTML_is_one_well_formed_page_without_links_and_nothing_else_is_left()
    {
        var file = _folder.Write("a.json", ScenarioFolder.Small.Replace("small", "a <b> & c", StringComparison.Ordinal));
        var run = await PlannerRun.Of("", "simulate", file, file, "--html", _folder.At("report.html"), "--svg", _folder.At("plots.svg"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(["a.json", "plots.svg", "report.html"], _folder.Files);
        var page = File.ReadAllText(_folder.At("report.html"));
        var body = XElement.Parse(
            page[page.IndexOf("<body>", StringComparison.Ordinal)..page.IndexOf("</html>", StringComparison.Ordinal)]);
        Assert.Equal("2 simulations side by side", body.Element("h1")!.Value);
        Assert.Equal(["", "a <b> & c", "a <b> & c"], body.Descendants("tr").First().Elements().Select(cell => cell.Value));
        Assert.Equal(5, body.Elements().Count(element => element.Name.LocalName == "svg"));
        Assert.Contains("prefers-color-scheme:dark", page, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "http://", page.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);

        var picture = XElement.Load(_folder.At("plots.svg"));
        Assert.Equal(8, picture.Descendants().Count(element => element.Name.LocalName == "path"));
        Assert.DoesNotContain("NaN", picture.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Legend_of_long_titles_stays_within_the_picture()
    {
        var long1 = _folder.Write("a.json", ScenarioFolder.Small.Replace("small", new string('a', 60), StringComparison.Ordinal));
        var long2 = _folder.Write("b.json", ScenarioFolder.Small.Replace("small", new string('b', 60), StringComparison.Ordinal));
        var run = await PlannerRun.Of("", "simulate", long1, long2, long1, "--svg", _folder.At("plots.svg"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var picture = XElement.Load(_folder.At("plots.svg"));
        var entries = picture.Elements().Where(element => element.Name.LocalName == "text").ToList();
        Assert.Equal(3, entries.Select(entry => (string)entry.Attribute("y")!).Distinct().Count());
        Assert.All(
            entries, entry => Assert.InRange((int)entry.Attribute("x")! + (entry.Value.Length * 7), 0, (int)picture.Attribute("width")!));
    }

    [Fact]
    public async Task Report_that_cannot_be_written_is_told_and_leaves_nothing()
    {
        var file = _folder.Write("a.json", ScenarioFolder.Small);
        Directory.CreateDirectory(_folder.At("report.html"));
        var run = await PlannerRun.Of("", "simulate", file, "--html", _folder.At("report.html"));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("report.html", run.Error, StringComparison.Ordinal);
        Assert.Equal(["a.json"], _folder.Files);
        Assert.Equal("", run.Output);
    }

    [Fact]
    public async Task Definition_gives_queue_scale_rule_and_limits_and_what_is_not_simulated_is_said()
    {
        _folder.Write("job.json", JobDefinitionFile.Write(Samples.Everything));
        var file = _folder.Write("a.json",
            """
            {"definition":"job.json","start":"2026-05-04T02:10:00+02:00",
             "queues":[{"name":"bounced","arrivals":{"pattern":"burst","messages":3,"durationSeconds":1}},{"name":"orders/mail","arrivals":{"pattern":"poisson","perSecond":1,"durationSeconds":60}}]}
            """);
        var run = await PlannerRun.Of("", "simulate", file, "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        var settings = json.RootElement[0].GetProperty("settings");
        Assert.Equal(50, settings.GetProperty("messageCount").GetInt32());
        Assert.Equal(20, settings.GetProperty("maxExecutions").GetInt32());
        Assert.Equal(15, settings.GetProperty("pollingIntervalSeconds").GetInt32());
        Assert.Equal(
            [
                "the rule 'uploads' (azure-queue) is not simulated: what it counts is not part of a scenario",
                "the rule 'postbox' (rabbitmq) is not simulated: what it counts is not part of a scenario",
            ],
            json.RootElement[0].GetProperty("notes").EnumerateArray().Select(note => note.GetString()));
    }

    [Fact]
    public void Definition_gives_every_trigger_in_the_order_of_its_rules()
    {
        _folder.Write("job.json", JobDefinitionFile.Write(Samples.Everything));
        var scenario = ScenarioReader.Read(_folder.Write("a.json",
            """
            {"definition":"job.json","start":"2026-05-04T02:10:00+02:00",
             "cron":[{"name":"day","timezone":"Etc/UTC","start":"0 8 * * *","end":"0 18 * * *","desiredReplicas":2}],
             "queues":[{"name":"bounced","arrivals":{"pattern":"none","durationSeconds":60}}]}
            """));

        Assert.Equal(
            [("orders/mail", 50L, 3L, 90d, 10), ("bounced", 1L, 0L, 300d, 3)],
            scenario.Input.Queues.Select(queue =>
                (queue.Name, queue.MessageCount, queue.ActivationMessageCount, queue.LockDuration.TotalSeconds, queue.MaxDeliveryCount)));
        Assert.Equal(
            [("night", 2, 1L), ("day", 2, 2L)],
            scenario.Input.CronRules.Select(rule => (rule.Name, rule.Place, rule.Trigger.DesiredReplicas)));
        Assert.Equal(new DateTimeOffset(2026, 5, 4, 0, 10, 0, TimeSpan.Zero), scenario.Input.Start);
        Assert.Contains("the trigger 'orders/mail' has no arrivals in the scenario: it is simulated as empty", scenario.Notes);
    }

    [Fact]
    public async Task Cron_rule_is_simulated_without_any_message()
    {
        var file = _folder.Write("a.json",
            """
            {"start":"2026-05-04T07:50:00Z","queues":[{"arrivals":{"pattern":"none","durationSeconds":3600}}],"worker":{"idleSeconds":1000},
             "cron":[{"timezone":"Etc/UTC","start":"0 8 * * *","end":"5 8 * * *","desiredReplicas":"2"}]}
            """);
        var run = await PlannerRun.Of("", "simulate", file, "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal(2, json.RootElement[0].GetProperty("executions").GetInt32());
        Assert.Equal(1000, json.RootElement[0].GetProperty("vCpuSeconds").GetDouble());
    }

    [Fact]
    public async Task Prices_are_replaceable_and_dedicated_nodes_are_counted()
    {
        var file = _folder.Write("a.json", ScenarioFolder.Small);
        var prices = _folder.Write("prices.json",
            """
            {"name":"ours","date":"2026-01-01","currency":"EUR","dedicated":{"profile":"D4","vCpus":1,"memoryGi":16,"perNodeHour":3600,"managementPerHour":0,"minNodes":1}}
            """);
        var run = await PlannerRun.Of("", "simulate", file, "--json", "--prices", prices);
        using var json = JsonDocument.Parse(run.Output);

        // Four replicas, two on a node, for 5 times 10 s of work and 2 s of waiting; one node is kept for the 8 s after that.
        Assert.Equal((2 * 52) + 8m, json.RootElement[0].GetProperty("dedicatedCost").GetDecimal());
        Assert.Equal(JsonValueKind.Null, json.RootElement[0].GetProperty("consumptionCost").ValueKind);
        Assert.Equal("EUR", json.RootElement[0].GetProperty("currency").GetString());
    }

    [Theory]
    [InlineData("""{"queues":[]}""", "(1,11): queues: must be an array of at least one queue with its arrivals")]
    [InlineData("""{"queues":[{}]}""", "(1,12): queues[0].arrivals: is missing: describe")]
    [InlineData(
        "{\n \"queues\": [{\"arrivals\":{\"pattern\":\"posson\"}}]}",
        "(2,36): queues[0].arrivals.pattern: is 'posson' and must be one of constant, poisson, burst, diurnal, spike, trace, none")]
    [InlineData(
        """{"queues":[{"arrivals":{"pattern":"poisson","durationSeconds":1}}]}""", "(1,24): queues[0].arrivals.perSecond: is missing")]
    [InlineData(
        """{"queues":[{"arrivals":{"pattern":"burst","messages":0,"durationSeconds":1}}]}""",
        "(1,54): queues[0].arrivals.messages: is 0 and must be at least 1")]
    [InlineData("""{"queues":[{"arrivals":{"pattern":"trace","file":"none.csv"}}]}""", "none.csv: Could not find file")]
    [InlineData(
        """{"queues":[{"arrivals":{"pattern":"burst","messages":1,"durationSeconds":1}}],"work":"""
            + """{"distribution":"lognormal","medianSeconds":5,"p95Seconds":2}}""",
        "(1,145): work.p95Seconds: is 2 and must be from 5 to")]
    [InlineData(
        """{"queues":[{"arrivals":{"pattern":"burst","messages":1,"durationSeconds":1}}],"worker":{"completion":"soon"}}""",
        "worker.completion: is 'soon' and must be one of late, early")]
    [InlineData("""{"queue":[]}""", "there is no field 'queue'")]
    [InlineData("""{"queues":""", "is not JSON")]
    [InlineData(
        """{"queues":[{"arrivals":{"pattern":"none","durationSeconds":1}}],"cron":["""
            + """{"timezone":"Etc/UTC","start":"0 8 * * *","end":"0 9 * * *","desiredReplicas":1}]}""",
        "(1,1): start: is missing: the cron rule 'cron 1' needs the time at which the scenario begins")]
    [InlineData(
        """{"start":"2026-05-04T00:00Z","queues":[{"arrivals":{"pattern":"none","durationSeconds":1}}],"cron":"""
            + """[{"timezone":"Etc/UTC","start":"0 8 * * *","end":"0 8 * * *","desiredReplicas":1}]}""",
        "(1,101): cron[0]: start and end are both '0 8 * * *'. Write different times; KEDA refuses equal ones.")]
    [InlineData("""{"definition":"none.json","queues":[]}""", "none.json: Could not find file")]
    public async Task Wrong_scenario_is_refused_with_file_line_and_column(string scenario, string problem)
    {
        var file = _folder.Write("a.json", scenario);
        var run = await PlannerRun.Of("", "simulate", file);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(problem, run.Error, StringComparison.Ordinal);
        Assert.StartsWith(
            problem.StartsWith('(') ? file + problem[..problem.IndexOf(':', StringComparison.Ordinal)] : _folder.At(""), run.Error,
            StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("""{"name":"x","date":"2026-01-01","currency":"EUR"}""", "(1,1): must have consumption or dedicated prices")]
    [InlineData(
        """{"name":"x","date":"2026-01-01","currency":"EUR","consumption":{"perVCpuSecond":-1,"perGiBSecond":0}}""",
        "(1,81): consumption.perVCpuSecond: is -1 and must be at least 0")]
    public async Task Wrong_prices_are_refused(string prices, string problem)
    {
        var file = _folder.Write("a.json", ScenarioFolder.Small);
        var table = _folder.Write("prices.json", prices);
        var run = await PlannerRun.Of("", "simulate", file, "--prices", table);
        Assert.Equal((2, $"{table}{problem}{Environment.NewLine}"), (run.ExitCode, run.Error));
    }

    [Theory]
    [InlineData("--strategy", "fast", "--strategy: 'fast' must be one of default, accurate, eager.")]
    [InlineData("--max-executions", "0", "--max-executions: '0' must be a whole number of at least 1.")]
    [InlineData("--max-executions", "1,2", "--max-executions: one value, not '1,2'; sweep takes several.")]
    public async Task Wrong_settings_are_refused(string option, string value, string problem)
    {
        var run = await PlannerRun.Of("", "simulate", _folder.Write("a.json", ScenarioFolder.Small), option, value);
        Assert.Equal((2, problem + Environment.NewLine), (run.ExitCode, run.Error));
    }

    [Theory]
    [InlineData("accurate", "late", true)]
    [InlineData("accurate", "early", false)]
    public async Task Explain_names_a_strategy_that_does_not_fit(string strategy, string complete, bool named)
    {
        var run = await PlannerRun.Of($$"""{"strategy":"{{strategy}}","triggers":[{"length":3}]}""", "explain", "--complete", complete);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(named, run.Output.Contains($"strategy {strategy} does not fit", StringComparison.Ordinal));
    }
}
