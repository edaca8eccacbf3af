using System.Text.Json;
using System.Text.Json.Nodes;
using KedaJobs.Scaling.Rules;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Scaling.Rules;

/// <summary>keda-cases.json: first the numbers of KEDA's own unit tests, after the blank line cases that were worked out by hand.</summary>
public class KedaCases
{
    private static readonly JsonNode Cases = JsonNode.Parse(
        File.ReadAllText(Path.Combine(Repository.Root, "KedaJobs.Tests", "Scaling", "Rules", "keda-cases.json")))!;

    public static TheoryData<string> Strategies => Lines("strategies");

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Strategy_answers_as_KEDA_does(string line)
    {
        var @case = JsonNode.Parse(line)!;
        var poll = new ScalePoll
        {
            Strategy = Text(@case["strategy"]),
            Deduction = Number(@case["deduction"]),
            Percentage = Text(@case["percentage"]),
        };

        var answer = StrategyRules.Apply(poll, new(
            Required(@case["maxScale"]), Required(@case["running"]), Required(@case["pending"]), Required(@case["max"]),
            Required(@case["scaleTo"])));

        Assert.Equal(new StrategyOutput(Required(@case["effectiveMax"]), Required(@case["answer"])), answer);
    }

    public static TheoryData<string> Combinations => Lines("combinations");

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Triggers_are_combined_as_KEDA_does(string line)
    {
        var @case = JsonNode.Parse(line)!;
        var poll = new ScalePoll
        {
            Min = Number(@case["min"]),
            Max = Number(@case["max"]),
            Calculation = Text(@case["calculation"]),
            Triggers = [.. @case["triggers"]!.AsArray().Select(Trigger)],
        };

        var decision = ScaleRule.Decide(poll);

        Assert.Equal(
            (@case["isActive"]!.GetValue<bool>(), Required(@case["queueLength"]), Required(@case["maxScale"])),
            (decision.IsActive, decision.QueueLength, decision.MaxScale));
    }

    public static TheoryData<string> Minimum => Lines("minimum");

    [Theory]
    [MemberData(nameof(Minimum))]
    public void Minimum_is_filled_up_without_any_message(string line)
    {
        var @case = JsonNode.Parse(line)!;

        var decision = ScaleRule.Decide(new() { Min = Required(@case["min"]), Running = Required(@case["running"]), Triggers = [new(0)] });

        Assert.Equal(Required(@case["start"]), decision.Start);
    }

    private static TriggerReading Trigger(JsonNode? node)
    {
        var (length, target, isActive) = (Required(node![0]), Required(node[1]), node[2]!.GetValue<bool>());
        return new(length, target, isActive ? 0 : length);
    }

    private static TheoryData<string> Lines(string table) =>
        [.. Cases[table]!.AsArray().Select(@case => @case!.ToJsonString(JsonSerializerOptions.Default))];

    private static string? Text(JsonNode? node) => node?.GetValue<string>();

    private static long? Number(JsonNode? node) => node?.GetValue<long>();

    private static long Required(JsonNode? node) => node!.GetValue<long>();
}
