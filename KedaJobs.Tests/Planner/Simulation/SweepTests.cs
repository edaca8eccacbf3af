using System.Text.Json;
using CsCheck;
using KedaJobs.Planner.Simulation;
using KedaJobs.Planner.Sweep;
using KedaJobs.Scaling.Simulation;

namespace KedaJobs.Tests.Planner.Simulation;

public sealed class SweepTests : IDisposable
{
    private readonly ScenarioFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sweep_shows_what_no_other_beats_from_fast_to_cheap()
    {
        var run = await Sweep("--json");
        Assert.Equal(0, run.ExitCode);
        var points = Points(run);
        Assert.InRange(points.Count, 2, 12);
        Assert.Equal(points.OrderBy(point => point.Wait), points);
        Assert.Equal(points.OrderByDescending(point => point.Cost), points);
    }

    [Fact]
    public async Task P_95_names_the_cheapest_that_keeps_it()
    {
        var all = Points(await Sweep("--json"));
        var middle = all[all.Count / 2];
        var run = await Sweep("--json", "--p95", $"{middle.Wait * 1000:0}ms");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal([middle], Points(run));

        var table = await Sweep("--p95", $"{middle.Wait:0}s");
        Assert.Contains("Cheapest with a p95 of at most", table.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task P_95_that_nothing_keeps_is_exit_code_3()
    {
        var run = await PlannerRun.Of(
            "", "sweep", _folder.Write("a.json", ScenarioFolder.Small), "--max-executions", "1,2", "--p95", "1ms");
        Assert.Equal((3, ""), (run.ExitCode, run.Error));
        Assert.Contains("None meets a p95 of 1 ms", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--p95", "soon", "--p95: 'soon' is not a time: write, for instance, 30s, 500ms or 2min.")]
    [InlineData("--message-count", "1,x", "--message-count: 'x' must be a whole number of at least 1.")]
    public async Task Wrong_values_are_refused(string option, string value, string problem)
    {
        var run = await PlannerRun.Of("", "sweep", _folder.Write("a.json", ScenarioFolder.Small), option, value);
        Assert.Equal((2, problem + Environment.NewLine), (run.ExitCode, run.Error));
    }

    [Fact]
    public void Front_holds_exactly_what_no_other_beats() =>
        Gen.Select(Gen.Int[0, 20], Gen.Int[0, 20], Gen.Int[0, 1]).Array[1, 60].Sample(cases =>
        {
            var outcomes = cases.Select(item => Outcome(item.Item1, item.Item2, item.Item3)).ToList();
            var front = ParetoFront.Of(outcomes, PriceTable.Default);
            var least = cases.Min(item => item.Item3);
            var able = cases.Where(item => item.Item3 == least).ToList();
            var expected = able.Where(item => !able.Exists(other =>
                    other.Item1 <= item.Item1 && other.Item2 <= item.Item2 && (other.Item1 < item.Item1 || other.Item2 < item.Item2)))
                .Select(item => (item.Item1, item.Item2)).Distinct().Order();
            Assert.Equal(
                expected, front.Select(point => ((int)point.Wait.TotalSeconds, (int)point.Outcome.Result.ReplicaTime.TotalSeconds)));
        });

    private Task<PlannerRun> Sweep(params string[] arguments) => PlannerRun.Of("", [
        "sweep", _folder.Write("a.json", ScenarioFolder.Small), "--message-count", "1,2,10", "--max-executions", "1,4,20",
        "--polling-interval", "5,30", "--concurrency", "1,2", .. arguments]);

    private static List<(double Wait, decimal Cost)> Points(PlannerRun run)
    {
        using var json = JsonDocument.Parse(run.Output);
        return [.. json.RootElement.EnumerateArray().Select(point =>
            (point.GetProperty("waitSeconds").GetProperty("p95").GetDouble(), point.GetProperty("consumptionCost").GetDecimal()))];
    }

    private static Outcome Outcome(int wait, int cost, int undone)
    {
        var waits = new DurationSketch();
        waits.Add(TimeSpan.FromSeconds(wait).Ticks);
        var input = new SimulationInput { Queues = [new("jobs", ArrivalPattern.None(TimeSpan.FromSeconds(1)))] };
        return new(
            new("x", input, []),
            JobSimulation.Run(input) with { Arrived = undone, Wait = waits, TimeByReplicas = [TimeSpan.Zero, TimeSpan.FromSeconds(cost)] });
    }
}
