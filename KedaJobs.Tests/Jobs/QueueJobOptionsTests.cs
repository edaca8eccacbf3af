using KedaJobs.Jobs;
using KedaJobs.Jobs.Hosting;

namespace KedaJobs.Tests.Jobs;

public class QueueJobOptionsTests
{
    public static TheoryData<string, Action<QueueJobOptions>> Bad => new()
    {
        { "QueueJob:Concurrency is 0, but must be from 1 to 1000.", options => options.Concurrency = 0 },
        { "QueueJob:Concurrency is 1001, but must be from 1 to 1000.", options => options.Concurrency = 1_001 },
        { "QueueJob:PrefetchCount is -1, but must be from 0 to 10000.", options => options.PrefetchCount = -1 },
        { "QueueJob:IdleTime is 00:00:00, but must be greater than zero.", options => options.IdleTime = TimeSpan.Zero },
        { "QueueJob:MessageBudget is 0, but must be at least 1, or left out.", options => options.MessageBudget = 0 },
        {
            "QueueJob:TimeBudget is 00:30:00, but must be greater than zero and less than the replica timeout (00:30:00).",
            options => options.TimeBudget = options.ReplicaTimeout
        },
        {
            "QueueJob:TimeBudget is -00:00:01, but must be greater than zero and less than the replica timeout (00:30:00).",
            options => options.TimeBudget = TimeSpan.FromSeconds(-1)
        },
        {
            "QueueJob:ShutdownGrace is -00:00:01, but must be from zero to ten minutes.",
            options => options.ShutdownGrace = TimeSpan.FromSeconds(-1)
        },
        { "QueueJob:MaxAttempts is 0, but must be at least 1, or left out.", options => options.MaxAttempts = 0 },
        {
            "QueueJob:RetryDelay is 00:00:00, but must be greater than zero; to turn delays off, set DelayRetries to false.",
            options => options.RetryDelay = TimeSpan.Zero
        },
        {
            "QueueJob:MaxRetryDelay is 00:00:01, but must be at least the retry delay (00:00:02).",
            options => options.MaxRetryDelay = TimeSpan.FromSeconds(1)
        },
        { "QueueJob:ClientRetries is 101, but must be from 0 to 100, or left out.", options => options.ClientRetries = 101 },
        { "QueueJob:SessionIdleTime is 00:00:00, but must be greater than zero.", options => options.SessionIdleTime = TimeSpan.Zero },
        { "QueueJob:MaxLockRenewal is 00:00:00, but must be greater than zero.", options => options.MaxLockRenewal = TimeSpan.Zero },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Bad_settings_are_refused_by_name(string expected, Action<QueueJobOptions> change)
    {
        var options = new QueueJobOptions();
        change(options);

        Assert.Equal([expected], QueueJobOptionsValidator.Validate(options));
    }

    [Fact]
    public void Defaults_are_good() => Assert.Empty(QueueJobOptionsValidator.Validate(new QueueJobOptions()));

    [Fact]
    public void Every_bad_setting_is_named()
    {
        var result = QueueJobOptionsValidator.Validate(new QueueJobOptions { Concurrency = 0, IdleTime = TimeSpan.Zero });

        Assert.Equal(2, result.Count);
    }

    [Theory]
    [InlineData(null, 480)]
    [InlineData(30, 30)]
    public void Time_budget_is_four_fifths_of_the_replica_timeout_unless_given(int? seconds, int expected)
    {
        var options = new QueueJobOptions
        {
            ReplicaTimeout = TimeSpan.FromMinutes(10),
            TimeBudget = seconds is { } given ? TimeSpan.FromSeconds(given) : null,
        };

        Assert.Equal(TimeSpan.FromSeconds(expected), options.EffectiveTimeBudget);
    }
}
