using System.Globalization;
using KedaJobs.Scaling.Rules;

namespace KedaJobs.Tests.Scaling.Rules;

public class CronTriggerTests
{
    [Theory]
    // In summer Berlin is two hours ahead of UTC.
    [InlineData("2026-08-03T05:59:59Z", 0)]
    [InlineData("2026-08-03T06:00:00Z", 3)]
    [InlineData("2026-08-03T15:59:59Z", 3)]
    [InlineData("2026-08-03T16:00:00Z", 0)]
    [InlineData("2026-08-08T08:00:00Z", 0)]
    [InlineData("2026-12-01T06:30:00Z", 0)]
    [InlineData("2026-12-01T07:00:00Z", 3)]
    public void ActiveFromStartToEnd_InItsTimeZone(string now, long expected)
    {
        var reading = Parse().Read(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture));

        Assert.Equal((expected, 1L, expected > 0), (reading.Length, reading.Target, reading.IsActive));
    }

    [Fact]
    public void End_that_falls_on_a_start_leaves_it_active()
    {
        // The next end is the next start: KEDA is then inside the window.
        var trigger = Parse(("start", "0 * * * *"), ("end", "0 */2 * * *"), ("timezone", "Etc/UTC"));

        Assert.True(trigger.Read(new(2026, 8, 1, 1, 30, 0, TimeSpan.Zero)).IsActive);
        Assert.False(trigger.Read(new(2026, 8, 1, 2, 30, 0, TimeSpan.Zero)).IsActive);
    }

    [Theory]
    [InlineData("timezone", null, "timezone is missing.")]
    [InlineData("timezone", "Mars/Olympus", "timezone is 'Mars/Olympus'.")]
    [InlineData("timezone", "W. Europe Standard Time", "timezone is 'W. Europe Standard Time'.")]
    [InlineData("start", null, "start is missing.")]
    [InlineData("start", "8 Uhr", "start '8 Uhr' has 2 fields")]
    [InlineData("end", "0 25 * * *", "end '0 25 * * *' has '25' as its hour")]
    [InlineData("end", "0 8 * * 1-5", "start and end are both '0 8 * * 1-5'.")]
    [InlineData("desiredReplicas", null, "desiredReplicas is missing.")]
    [InlineData("desiredReplicas", "0", "desiredReplicas is '0'.")]
    [InlineData("desiredReplicas", "2.5", "desiredReplicas is '2.5'.")]
    public void Wrong_metadata_is_named(string key, string? value, string expected)
    {
        var metadata = Metadata();
        metadata.Remove(key);
        if (value is not null)
        {
            metadata[key] = value;
        }

        var (trigger, problems) = CronTrigger.Parse(metadata);

        Assert.Null(trigger);
        Assert.StartsWith(expected, Assert.Single(problems).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Decision_combines_it_with_a_queue_by_KEDAs_rule_and_says_so()
    {
        var now = new DateTimeOffset(2026, 8, 3, 8, 0, 0, TimeSpan.Zero);

        var alone = ScaleRule.Decide(new() { Triggers = [new(0), Parse().Read(now)] });
        var beside = ScaleRule.Decide(new() { Triggers = [new(12), Parse().Read(now)] });
        var outside = ScaleRule.Decide(new() { Triggers = [Parse().Read(now.AddHours(12))] });

        Assert.Equal("3 desired executions / 1 per execution = 3 wanted, 0 running: start 3", alone.Reason);
        // KEDA's max goes by the length, not by what is wanted.
        Assert.Equal("greatest of 2 active triggers: 12 active messages / 5 per execution = 3 wanted, 0 running: start 3", beside.Reason);
        Assert.Equal((0L, "no desired executions: start none"), (outside.Start, outside.Reason));
    }

    private static Dictionary<string, string> Metadata() => new()
    {
        ["timezone"] = "Europe/Berlin",
        ["start"] = "0 8 * * 1-5",
        ["end"] = "0 18 * * 1-5",
        ["desiredReplicas"] = "3",
    };

    private static CronTrigger Parse(params (string Key, string Value)[] changes)
    {
        var metadata = Metadata();
        foreach (var (key, value) in changes)
        {
            metadata[key] = value;
        }

        var (trigger, problems) = CronTrigger.Parse(metadata);
        Assert.Empty(problems);
        return trigger!;
    }
}
