using KedaJobs.Scaling.Rules;

namespace KedaJobs.Tests.Scaling.Rules;

public class ScaleRuleTests
{
    private static readonly ScalePoll Poll = new() { Min = 0, Max = 10, Running = 2, Triggers = [new(12)] };

    [Fact]
    public void Default_starts_what_is_wanted_and_not_running()
    {
        var decision = ScaleRule.Decide(Poll);

        Assert.Equal(
            (true, false, 12L, 3L, 1L, 1L, ReadyState.True),
            (
                decision.IsActive,
                decision.IsError,
                decision.QueueLength,
                decision.MaxScale,
                decision.EffectiveMax,
                decision.Start,
                decision.ReadyState));
    }

    [Fact]
    public void Negative_effective_max_counts_as_zero()
    {
        var decision = ScaleRule.Decide(Poll with { Running = 9 });

        Assert.Equal((0L, 0L), (decision.EffectiveMax, decision.Start));
    }

    [Fact]
    public void Minimum_runs_beside_the_queue()
    {
        // 2 of 10 are kept, 8 are left to the queue: 3 wanted, 1 of them runs.
        Assert.Equal(2, ScaleRule.Decide(Poll with { Min = 2, Running = 3 }).Start);
    }

    [Fact]
    public void Minimum_skips_the_strategy()
    {
        var decision = ScaleRule.Decide(Poll with { Min = 3, Strategy = "eager", Triggers = [new(1000)] });

        Assert.Equal((1L, 1L), (decision.EffectiveMax, decision.Start));
    }

    [Fact]
    public void No_more_start_than_there_are_messages()
    {
        // A negative deduction raises what custom allows; the messages are still the limit.
        Assert.Equal(
            3, ScaleRule.Decide(
                Poll with { Running = 0, Strategy = "custom", Percentage = "0", Deduction = -9, Triggers = [new(3, 1)] }).Start);
    }

    [Fact]
    public void Eager_fills_every_free_place_up_to_what_is_wanted()
    {
        Assert.Equal(4, ScaleRule.Decide(Poll with { Running = 3, Pending = 1, Strategy = "eager", Triggers = [new(4, 1)] }).Start);
    }

    public static TheoryData<TriggerReading[], bool, bool, long, ReadyState, string> Errors => new()
    {
        { [TriggerReading.Failed], false, true, 0, ReadyState.False, "TriggerError" },
        { [TriggerReading.Failed, new(0)], false, true, 0, ReadyState.False, "TriggerError" },
        { [TriggerReading.Failed, new(20)], true, true, 2, ReadyState.Unknown, "PartialTriggerError" },
        { [new(1000, Error: true), new(20)], true, true, 2, ReadyState.Unknown, "PartialTriggerError" },
        { [new(20)], true, false, 2, ReadyState.True, "ScaledJobReady" },
        { [], false, false, 0, ReadyState.True, "ScaledJobReady" },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void Failed_trigger_is_left_out_and_shows_in_the_ready_condition(
        TriggerReading[] triggers, bool isActive, bool isError, long start, ReadyState ready, string reason)
    {
        var decision = ScaleRule.Decide(Poll with { Triggers = triggers });

        Assert.Equal(
            (isActive, isError, start, ready, reason),
            (decision.IsActive, decision.IsError, decision.Start, decision.ReadyState, decision.ReadyReason));
    }

    [Fact]
    public void Failed_trigger_with_a_minimum_is_only_unknown() =>
        Assert.Equal(ReadyState.Unknown, ScaleRule.Decide(Poll with { Min = 1, Triggers = [TriggerReading.Failed] }).ReadyState);

    public static TheoryData<long, long, bool> Activation => new()
    {
        { 0, 0, false }, { 1, 0, true }, { 5, 5, false }, { 6, 5, true },
    };

    [Theory]
    [MemberData(nameof(Activation))]
    public void Activation_is_strictly_greater(long length, long activation, bool isActive) =>
        Assert.Equal(isActive, ScaleRule.Decide(Poll with { Triggers = [new(length, 5, activation)] }).IsActive);

    [Fact]
    public void Negative_activation_is_active_only_where_the_calculation_takes_an_empty_queue()
    {
        var poll = Poll with { Triggers = [new(0, 5, -1)] };

        // KEDA's max wants a queue longer than 0.
        Assert.Equal((false, true), (ScaleRule.Decide(poll).IsActive, ScaleRule.Decide(poll with { Calculation = "sum" }).IsActive));
    }

    [Fact]
    public void Very_long_queues_do_not_overflow()
    {
        var decision = ScaleRule.Decide(Poll with { Calculation = "sum", Triggers = [new(long.MaxValue, 1), new(long.MaxValue, 1)] });

        Assert.Equal((long.MaxValue, 10L, 8L), (decision.QueueLength, decision.MaxScale, decision.Start));
    }

    public static TheoryData<string, ScalePoll> Negative => new()
    {
        { "Min", new() { Min = -1 } },
        { "Max", new() { Max = -1 } },
        { "Running", new() { Running = -1 } },
        { "Pending", new() { Pending = -1 } },
        { "Length", new() { Triggers = [new(-1)] } },
        { "Target", new() { Triggers = [new(1, -1)] } },
    };

    [Theory]
    [MemberData(nameof(Negative))]
    public void Negative_count_is_refused(string name, ScalePoll poll) =>
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => ScaleRule.Decide(poll)).ParamName);
}
