using KedaJobs.Jobs;
using KedaJobs.Jobs.Settling;

namespace KedaJobs.Tests.Jobs;

public class RetryPolicyTests
{
    // attempt that failed, declared attempts (0: none declared), whether a copy may wait -> what happens
    [Theory]
    [InlineData(1, 5, true, "wait 2 s")]
    [InlineData(2, 5, true, "wait 4 s")]
    [InlineData(4, 5, true, "wait 16 s")]
    [InlineData(5, 5, true, "DeadLetter")]
    [InlineData(6, 5, true, "DeadLetter")] // a crash can leave more deliveries behind than attempts
    [InlineData(1, 1, true, "DeadLetter")]
    [InlineData(6, 99, true, "wait 60 s")] // no longer than the longest
    [InlineData(98, 99, true, "wait 60 s")]
    [InlineData(9, 0, true, "wait 60 s")] // undeclared: as Service Bus does
    [InlineData(10, 0, true, "DeadLetter")]
    [InlineData(1, 5, false, "Abandon")]
    [InlineData(5, 5, false, "DeadLetter")]
    [InlineData(99, 0, false, "Abandon")] // the broker counts
    public void Decides(int attempt, int maxAttempts, bool canDelay, string expected)
    {
        var policy = RetryPolicy.From(new QueueJobOptions
        {
            MaxAttempts = maxAttempts == 0 ? null : maxAttempts,
            RetryDelay = TimeSpan.FromSeconds(2),
            MaxRetryDelay = TimeSpan.FromSeconds(60),
        });

        Assert.Equal(expected, policy.After(attempt, canDelay) switch
        {
            RetryStep.Delay delay => FormattableString.Invariant($"wait {delay.For.TotalSeconds} s"),
            var step => step.GetType().Name,
        });
    }

    [Fact]
    public void The_longest_delays_do_not_overflow()
    {
        var policy = new RetryPolicy(int.MaxValue, TimeSpan.FromDays(10_000), TimeSpan.MaxValue);

        Assert.Equal(new RetryStep.Delay(TimeSpan.MaxValue), policy.After(int.MaxValue - 1, canDelay: true));
    }
}
