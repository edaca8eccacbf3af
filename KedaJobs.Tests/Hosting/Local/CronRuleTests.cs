using KedaJobs.Hosting.Local.Polling;
using KedaJobs.Scaling.Rules;
using KedaJobs.Tests.Hosting.Local.Fakes;

namespace KedaJobs.Tests.Hosting.Local;

/// <summary>KEDA's cron rule beside a queue, on a clock that stands at noon in UTC.</summary>
public class CronRuleTests
{
    [Fact]
    public async Task Cron_rule_starts_executions_in_its_window_without_any_message()
    {
        await using var harness = new LocalJobHarness();
        await harness.StartAsync([harness.Trigger, Cron(harness, start: "0 11 * * *", end: "0 13 * * *")]);

        Assert.Equal(2, harness.Starter.Replicas.Count);
        // What is counted in the queue is told apart from what the rule wants.
        Assert.Equal(0, harness.Current.QueueLength);
        Assert.Equal([("jobs", 0L), ("day", 2L)], harness.Current.Triggers.Select(trigger => (trigger.Name, trigger.Length!.Value)));
        Assert.Equal("2 desired executions / 1 per execution = 2 wanted, 0 running: start 2", harness.Current.LastReason);
        Assert.Equal(0, harness.Queue.Looks);

        harness.Queue.Counts = new(40, 0);
        await harness.PollAsync();

        Assert.Equal(8, harness.Starter.Replicas.Count);
    }

    [Fact]
    public async Task Cron_rule_outside_its_window_wants_nothing()
    {
        await using var harness = new LocalJobHarness();
        await harness.StartAsync([harness.Trigger, Cron(harness, start: "0 13 * * *", end: "0 14 * * *")]);

        Assert.Empty(harness.Starter.Replicas);
        Assert.Null(harness.Current.Problem);
    }

    private static JobTrigger Cron(LocalJobHarness harness, string start, string end) => new("day", 1, 0, new CronReader(
        CronTrigger.Parse(new Dictionary<string, string>
        {
            ["timezone"] = "Etc/UTC",
            ["start"] = start,
            ["end"] = end,
            ["desiredReplicas"] = "2",
        }).Trigger!,
        harness.Time))
    {
        HasMessages = false,
    };
}
