using KedaJobs.Worker;

namespace KedaJobs.Tests.Worker;

public class WorkerOptionsTests
{
    public static TheoryData<string, Action<WorkerOptions>> Bad => new()
    {
        { "Worker:Concurrency is 0, but must be from 1 to 1000.", options => options.Concurrency = 0 },
        { "Worker:Concurrency is 1001, but must be from 1 to 1000.", options => options.Concurrency = 1_001 },
        { "Worker:PrefetchCount is -1, but must be from 0 to 10000.", options => options.PrefetchCount = -1 },
        { "Worker:IdleTime is 00:00:00, but must be above zero.", options => options.IdleTime = TimeSpan.Zero },
        { "Worker:MessageBudget is 0, but must be at least 1, or left out.", options => options.MessageBudget = 0 },
        {
            "Worker:TimeBudget is 00:30:00, but must be above zero and below the replica timeout (00:30:00).",
            options => options.TimeBudget = options.ReplicaTimeout
        },
        {
            "Worker:TimeBudget is -00:00:01, but must be above zero and below the replica timeout (00:30:00).",
            options => options.TimeBudget = TimeSpan.FromSeconds(-1)
        },
        { "Worker:ShutdownGrace is -00:00:01, but must be from zero to ten minutes.", options => options.ShutdownGrace = TimeSpan.FromSeconds(-1) },
        { "Worker:MaxLockRenewal is 00:00:00, but must be above zero.", options => options.MaxLockRenewal = TimeSpan.Zero },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void BadSettingsAreRefusedByName(string expected, Action<WorkerOptions> change)
    {
        var options = new WorkerOptions();
        change(options);

        Assert.Equal([expected], new WorkerOptionsValidator().Validate(null, options).Failures);
    }

    [Fact]
    public void DefaultsAreGood() => Assert.True(new WorkerOptionsValidator().Validate(null, new WorkerOptions()).Succeeded);

    [Fact]
    public void EveryBadSettingIsNamed()
    {
        var result = new WorkerOptionsValidator().Validate(null, new WorkerOptions { Concurrency = 0, IdleTime = TimeSpan.Zero });

        Assert.Equal(2, result.Failures?.Count());
    }

    [Theory]
    [InlineData(null, 480)]
    [InlineData(30, 30)]
    public void TimeBudgetIsFourFifthsOfTheReplicaTimeoutUnlessGiven(int? seconds, int expected)
    {
        var options = new WorkerOptions
        {
            ReplicaTimeout = TimeSpan.FromMinutes(10),
            TimeBudget = seconds is { } given ? TimeSpan.FromSeconds(given) : null,
        };

        Assert.Equal(TimeSpan.FromSeconds(expected), options.EffectiveTimeBudget);
    }
}
