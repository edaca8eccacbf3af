using KedaJobs.Scaling.Rules;

namespace KedaJobs.Tests.Scaling.Rules;

public class ScaleReasonsTests
{
    private static readonly ScalePoll Poll = new() { Min = 0, Max = 10, Running = 2, Triggers = [new(12)] };

    public static TheoryData<string, ScalePoll> Sentences => new()
    {
        { "12 active messages / 5 per execution = 3 wanted, 2 running: start 1", Poll },
        { "12 active messages / 5 per execution = 3 wanted, 3 running: start none", Poll with { Running = 3 } },
        { "500 active messages / 5 per execution = 10 wanted (capped by max), 2 running: start 8", Poll with { Triggers = [new(500)] } },
        { "no active messages: start none", Poll with { Triggers = [new(0)] } },
        { "1 active message, not more than the activation count 3: start none", Poll with { Triggers = [new(1, 5, 3)] } },
        { "no trigger could be read: start none", Poll with { Triggers = [TriggerReading.Failed] } },
        { "none of 2 triggers is above its activation count: start none", Poll with { Triggers = [new(1, 5, 3), new(2, 5, 3)] } },
        { "1 running, 3 always kept (min): start 2", Poll with { Min = 3, Running = 1 } },
        { "12 active messages / 5 per execution = 3 wanted, 1 running beside the 1 kept: start 2", Poll with { Min = 1 } },
        { "no active messages, so 0 wanted, 0 running beside the 2 kept: start none", Poll with { Min = 2, Triggers = [new(0)] } },
        {
            "longest of 2 active queues: 20 active messages / 4 per execution = 5 wanted, 2 running: start 3",
            Poll with { Triggers = [new(3, 1), new(20, 4)] }
        },
        {
            "shortest of 2 active queues: 3 active messages / 1 per execution = 3 wanted, 2 running: start 1",
            Poll with { Calculation = "min", Triggers = [new(3, 1), new(20, 4)] }
        },
        {
            "sum of 2 active triggers: 23 active messages = 8 wanted, 2 running: start 6",
            Poll with { Calculation = "sum", Triggers = [new(3, 1), new(20, 4)] }
        },
        {
            "mean of 2 active triggers: 12 active messages = 4 wanted, 2 running: start 2",
            Poll with { Calculation = "avg", Triggers = [new(3, 1), new(20, 4)] }
        },
        {
            "12 active messages / 5 per execution = 3 wanted, less 1 deducted and 1 for 2 running x 0.5 (custom): start 1",
            Poll with { Strategy = "custom", Deduction = 1, Percentage = "0.5" }
        },
        {
            "12 active messages / 5 per execution = 3 wanted, 1 pending (accurate): start 2",
            Poll with { Strategy = "accurate", Pending = 1 }
        },
        {
            "50 active messages / 5 per execution = 10 wanted, 2 running, 0 pending, so only up to max 10 (accurate): start 8",
            Poll with { Strategy = "accurate", Triggers = [new(50)] }
        },
        {
            "12 active messages / 5 per execution = 3 wanted, 2 running, 1 pending, 7 of max 10 free (eager): start 3",
            Poll with { Strategy = "eager", Pending = 1 }
        },
        {
            "3 active messages / 1 per execution = 3 wanted, less -9 deducted and 0 for 2 running x 0 (custom), "
            + "not more than 3 messages: start 3",
            Poll with { Strategy = "custom", Percentage = "0", Deduction = -9, Triggers = [new(3, 1)] }
        },
    };

    [Theory]
    [MemberData(nameof(Sentences))]
    public void Reason_says_why_this_number(string expected, ScalePoll poll) => Assert.Equal(expected, ScaleRule.Decide(poll).Reason);

    public static TheoryData<string?, ScalePoll> Notes => new()
    {
        { null, Poll },
        { null, Poll with { Strategy = "", Calculation = "" } },
        { "KEDA knows no strategy 'Eager' (only default, custom, accurate, eager), so it uses default", Poll with { Strategy = "Eager" } },
        {
            "the percentage 'half' is not a number as KEDA reads it, so it uses the strategy default instead of custom",
            Poll with { Strategy = "custom", Percentage = "half" }
        },
        { "KEDA knows no calculation 'median' (only max, min, avg, sum), so it uses max", Poll with { Calculation = "median" } },
        { "min 11 is above max 10: KEDA lowers it to 10", Poll with { Min = 11 } },
        { "of max 10, KEDA keeps 2 for min and leaves 8 to the triggers", Poll with { Min = 2 } },
        { "a target of 0 messages per execution wants no executions", Poll with { Triggers = [new(12, 0)] } },
        {
            "1 of 2 triggers could not be read and is left out: ready is Unknown (PartialTriggerError)",
            Poll with { Triggers = [new(12), TriggerReading.Failed] }
        },
        {
            "1 of 1 trigger could not be read and is left out: ready is False (TriggerError)",
            Poll with { Triggers = [TriggerReading.Failed] }
        },
    };

    [Theory]
    [MemberData(nameof(Notes))]
    public void Reasons_name_what_KEDA_reads_otherwise_than_written(string? expected, ScalePoll poll)
    {
        var decision = ScaleRule.Decide(poll);

        Assert.Equal(expected is null ? [decision.Reason] : [decision.Reason, expected], decision.Reasons);
    }
}
