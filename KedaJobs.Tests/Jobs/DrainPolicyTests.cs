using KedaJobs.Jobs.Receiving;

namespace KedaJobs.Tests.Jobs;

public class DrainPolicyTests
{
    private static readonly DrainLimits Limits = new(
        Concurrency: 4,
        IdleTime: TimeSpan.FromSeconds(2),
        MessageBudget: 10,
        TimeBudget: TimeSpan.FromSeconds(60),
        ShutdownGrace: TimeSpan.FromSeconds(25));

    // elapsed s, taken, in hand, empty for s, stopping for s (-1: not)  ->  what it decides
    [Theory]
    [InlineData(0, 0, 0, 0, -1, "take 4 for 2 s")] // the beginning
    [InlineData(1, 3, 3, 0, -1, "take 1 for 2 s")] // one hand is free
    [InlineData(1, 4, 4, 0, -1, "wait")] // no hand is free
    [InlineData(1, 0, 0, 1.5, -1, "take 4 for 0.5 s")] // what is left of the idle time
    [InlineData(3, 0, 0, 2, -1, "QueueDrained")]
    [InlineData(9, 5, 1, 2, -1, "take 3 for 2 s")] // empty for long, but work in hand: go on asking
    [InlineData(9, 5, 1, 7, -1, "take 3 for 2 s")]
    [InlineData(9, 5, 0, 7, -1, "QueueDrained")] // and end as soon as it is done
    [InlineData(1, 8, 0, 0, -1, "take 2 for 2 s")] // what is left of the message budget
    [InlineData(1, 9, 2, 0, -1, "take 1 for 2 s")]
    [InlineData(1, 10, 2, 0, -1, "wait")]
    [InlineData(1, 10, 0, 0, -1, "MessageBudgetSpent")]
    [InlineData(59.5, 1, 0, 0, -1, "take 4 for 0.5 s")] // never asks beyond the time budget
    [InlineData(60, 1, 1, 0, -1, "wait")]
    [InlineData(60, 1, 0, 0, -1, "TimeBudgetSpent")]
    [InlineData(99, 10, 0, 0, -1, "MessageBudgetSpent")] // both: the first that says why
    [InlineData(1, 0, 0, 0, 0, "Stopped")]
    [InlineData(1, 2, 2, 0, 0, "wait for 25 s")]
    [InlineData(1, 2, 2, 0, 20, "wait for 5 s")]
    [InlineData(1, 2, 2, 0, 25, "GraceOver")]
    [InlineData(1, 2, 0, 0, 25, "Stopped")]
    [InlineData(99, 10, 1, 9, 3, "wait for 22 s")] // told to stop: nothing else counts
    public void Decides(double elapsed, int taken, int inHand, double emptyFor, double stoppingFor, string expected)
    {
        var state = new DrainState(
            TimeSpan.FromSeconds(elapsed),
            taken,
            inHand,
            TimeSpan.FromSeconds(emptyFor),
            stoppingFor < 0 ? null : TimeSpan.FromSeconds(stoppingFor));

        Assert.Equal(expected, Words(DrainPolicy.Decide(Limits, state)));
    }

    [Fact]
    public void Without_message_budget_takes_without_end()
    {
        var state = new DrainState(TimeSpan.Zero, int.MaxValue, 0, TimeSpan.Zero, null);

        Assert.Equal("take 4 for 2 s", Words(DrainPolicy.Decide(Limits with { MessageBudget = null }, state)));
    }

    [Fact]
    public void Without_grace_gives_back_at_once()
    {
        var state = new DrainState(TimeSpan.Zero, 1, 1, TimeSpan.Zero, TimeSpan.Zero);

        Assert.Equal("GraceOver", Words(DrainPolicy.Decide(Limits with { ShutdownGrace = TimeSpan.Zero }, state)));
    }

    private static string Words(DrainStep step) => step switch
    {
        DrainStep.Take take => FormattableString.Invariant($"take {take.Count} for {take.UpTo.TotalSeconds} s"),
        DrainStep.Wait { UpTo: { } upTo } => FormattableString.Invariant($"wait for {upTo.TotalSeconds} s"),
        DrainStep.Wait => "wait",
        DrainStep.Finish finish => finish.Why.ToString(),
        _ => step.ToString(),
    };
}
