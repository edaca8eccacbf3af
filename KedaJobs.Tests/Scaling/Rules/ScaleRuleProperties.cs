using System.Numerics;
using CsCheck;
using KedaJobs.Scaling.Rules;

namespace KedaJobs.Tests.Scaling.Rules;

public class ScaleRuleProperties
{
    private static readonly Gen<TriggerReading> Trigger =
        Gen.Select(Gen.Long[0, 2000], Gen.Long[0, 20], Gen.Long[0, 10], Gen.Frequency((9, false), (1, true)))
            .Select((length, target, activation, error) => new TriggerReading(length, target, activation, error));

    private static readonly Gen<ScalePoll> Poll = Polls(Gen.OneOf("0.5", "0", "1e-1", "2", "inf", "nan", "", "x", null));

    /// <summary>Polls of any kind, with small numbers, so that limits meet.</summary>
    internal static Gen<ScalePoll> Polls(Gen<string?> percentage) => Gen.Select(
        Gen.Long[0, 12].Nullable(),
        Gen.Long[0, 40].Nullable(),
        Gen.Select(Gen.Long[0, 30], Gen.Long[0, 30]),
        Gen.OneOf("default", "custom", "accurate", "eager", "unknown", "", null),
        Gen.OneOf("max", "min", "avg", "sum", "unknown", "", null),
        Gen.Select(Gen.Long[-3, 8].Nullable(), percentage),
        Trigger.Array[0, 4],
        (min, max, counts, strategy, calculation, custom, triggers) => new ScalePoll
        {
            Min = min,
            Max = max,
            Running = counts.Item1,
            Pending = Math.Min(counts.Item1, counts.Item2),
            Strategy = strategy,
            Calculation = calculation,
            Deduction = custom.Item1,
            Percentage = custom.Item2,
            Triggers = triggers,
        });

    [Fact]
    public void Start_is_never_negative_nor_above_max() => Poll.Sample(poll =>
    {
        var start = ScaleRule.Decide(poll).Start;
        return start >= 0 && start <= Math.Max(ReplicaLimits.Of(poll.Min, poll.Max).Max, poll.Min ?? 0);
    });

    [Fact]
    public void Default_strategy_never_exceeds_max_with_what_runs() => Poll.Sample(poll =>
    {
        poll = poll with { Strategy = "default", Max = poll.Max ?? 100 };
        var start = ScaleRule.Decide(poll).Start;
        return start == 0 || poll.Running + start <= poll.Max || poll.Min > poll.Max;
    });

    [Fact]
    public void Inactive_starts_nothing() => Poll.Sample(poll =>
    {
        var decision = ScaleRule.Decide(poll);
        return decision.IsActive || decision.Start == 0;
    });

    [Fact]
    public void One_queue_longer_never_starts_fewer() => Gen.Select(Poll, Gen.Long[0, 3000], Gen.Long[0, 3000], Gen.Long[0, 20]).Sample(
        (poll, length, more, target) =>
            Decide(poll, length, target).Start <= Decide(poll, length + more, target).Start);

    [Fact]
    public void One_queue_wants_the_exact_quotient_rounded_up() =>
        Gen.Select(Gen.Long[1, 1L << 53], Gen.Long[1, 1000], Gen.Long[1, 1L << 40]).Sample(
            (length, target, max) =>
            {
                var expected = BigInteger.Min(((BigInteger)length + target - 1) / target, max);
                return ScaleRule.Decide(new() { Max = max, Triggers = [new(length, target)] }).MaxScale == expected;
            });

    [Fact]
    public void Same_input_same_answer_and_reasons() => Poll.Sample(poll =>
    {
        var (first, second) = (ScaleRule.Decide(poll), ScaleRule.Decide(poll));
        return first == second && first.Reasons.SequenceEqual(second.Reasons);
    });

    [Fact]
    public void Reason_is_one_sentence_that_ends_in_the_decision() => Poll.Sample(poll =>
    {
        var decision = ScaleRule.Decide(poll);
        return decision.Reason.EndsWith(decision.Start == 0 ? ": start none" : $": start {decision.Start}", StringComparison.Ordinal)
            && !decision.Reason.Contains('\n', StringComparison.Ordinal);
    });

    private static ScaleDecision Decide(ScalePoll poll, long length, long target) =>
        ScaleRule.Decide(poll with { Triggers = [new(length, target)] });
}
