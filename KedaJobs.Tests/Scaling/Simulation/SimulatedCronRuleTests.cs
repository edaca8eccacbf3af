using CsCheck;
using KedaJobs.Scaling.Rules;
using KedaJobs.Scaling.Simulation;
using static KedaJobs.Tests.Scaling.Simulation.SimulationSamples;

namespace KedaJobs.Tests.Scaling.Simulation;

/// <summary>KEDA's cron rules in virtual time, which begins at noon in UTC.</summary>
public class SimulatedCronRuleTests
{
    private static readonly DateTimeOffset Noon = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly WorkerBehavior Patient = new() { IdleTime = TimeSpan.FromMinutes(50) };

    [Fact]
    public void Rule_starts_executions_in_its_window_only_without_any_message()
    {
        // From 13:00 to 13:10, polled every 30 s: two executions of 60 s (an idle time of 60 s) each time the last ones have ended.
        var input = Idle(TimeSpan.FromHours(3), Cron("0 13 * * *", "10 13 * * *", 2)) with { Worker = new() { IdleTime = Seconds(60) } };
        var result = JobSimulation.Run(input);

        Assert.Equal(2, result.MostExecutions);
        Assert.Equal(20, result.Executions);
        Assert.Equal(20, result.ExecutionsWithoutWork);
        Assert.Equal(TimeSpan.FromMinutes(20), result.ReplicaTime);
        var busy = result.Series.Where(point => point.ExecutionsMax > 0).ToList();
        Assert.InRange(busy[0].From, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(60));
        Assert.InRange(busy[^1].From, TimeSpan.FromMinutes(69), TimeSpan.FromMinutes(71));
        Assert.Equal(0, JobSimulation.Run(input with { CronRules = [new("night", Cron("0 2 * * *", "0 3 * * *", 2), 1)] }).Executions);
    }

    [Fact]
    public void Window_is_in_the_rules_time_zone()
    {
        var berlin = Cron("0 15 * * *", "0 16 * * *", 1, "Europe/Berlin");
        Assert.True(JobSimulation.Run(Idle(TimeSpan.FromHours(2), berlin)).Executions > 0);
        Assert.Equal(0, JobSimulation.Run(Idle(TimeSpan.FromHours(2), Cron("0 15 * * *", "0 16 * * *", 1))).Executions);
    }

    [Fact]
    public void Rule_that_is_still_active_ends_with_the_arrivals()
    {
        var result = JobSimulation.Run(Idle(TimeSpan.FromHours(1), Cron("0 11 * * *", "0 23 * * *", 3)) with { Worker = Patient });

        Assert.Equal(3, result.MostExecutions);
        Assert.InRange(result.Simulated, TimeSpan.FromHours(1), TimeSpan.FromHours(1) + Seconds(30));
        Assert.Null(result.Ending);
    }

    [Fact]
    public void Queue_below_its_activation_count_is_served_by_the_rules_executions()
    {
        var input = At(10).WithQueue(queue => queue with { ActivationMessageCount = 5 });
        Assert.Equal(1, JobSimulation.Run(input).Left);

        var served = JobSimulation.Run(input with { Start = Noon, CronRules = [new("day", Cron("0 13 * * *", "0 14 * * *", 1), 1)] });
        Assert.Equal((1, 0), (served.Completed, served.Left));
        Assert.Equal(TimeSpan.FromHours(1) - Seconds(10), served.Wait.Max);
    }

    [Theory]
    [InlineData("max", 4)]
    [InlineData("min", 2)]
    [InlineData("sum", 6)]
    [InlineData("avg", 3)]
    public void Rule_and_queue_are_combined_as_KEDA_does(string calculation, int atOnce)
    {
        // Four messages and two desired executions; the work ends before the next poll.
        var input = At(0, 0, 0, 0) with
        {
            Start = Noon,
            CronRules = [new("day", Cron("0 11 * * *", "0 13 * * *", 2), 1)],
            Calculation = calculation,
        };
        Assert.Equal(atOnce, JobSimulation.Run(input).MostExecutions);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 1)]
    public void Of_triggers_that_say_the_same_the_first_counts(int place, int atOnce)
    {
        // Four messages, five for one execution, beside four desired executions.
        var input = At(0, 0, 0, 0).WithQueue(queue => queue with { MessageCount = 5 }) with
        {
            Start = Noon,
            CronRules = [new("day", Cron("0 11 * * *", "0 13 * * *", 4), place)],
            Work = Distribution.Constant(Seconds(5)),
        };
        Assert.Equal(atOnce, JobSimulation.Run(input).MostExecutions);
    }

    [Fact]
    public void Inactive_rule_changes_nothing() => Any.Sample(input =>
    {
        // Not within the week that the longest of these simulations takes.
        var idle = input with { Start = Noon, CronRules = [new("winter", Cron("0 8 1 1 *", "0 9 1 1 *", 5), input.Queues.Count)] };
        var (without, with) = (JobSimulation.Run(input), JobSimulation.Run(idle));
        Assert.Equal(without.Executions, with.Executions);
        Assert.Equal(without.Completed, with.Completed);
        Assert.Equal(without.Wait.Percentile(0.95), with.Wait.Percentile(0.95));
    });

    [Fact]
    public void Rules_without_a_start_or_out_of_place_are_refused()
    {
        var rule = Cron("0 11 * * *", "0 13 * * *", 2);
        Assert.ThrowsAny<ArgumentException>(() => JobSimulation.Run(At(1) with { CronRules = [new("day", rule, 1)] }));
        Assert.ThrowsAny<ArgumentException>(() => JobSimulation.Run(At(1) with { Start = Noon, CronRules = [new("day", rule, 2)] }));
        Assert.ThrowsAny<ArgumentException>(
            () => JobSimulation.Run(At(1) with { Start = Noon, CronRules = [new("day", rule, 1), new("night", rule, 0)] }));
    }

    private static SimulationInput Idle(TimeSpan duration, CronTrigger rule) => At(1) with
    {
        Queues = [new("jobs", ArrivalPattern.None(duration))],
        Start = Noon,
        CronRules = [new("day", rule, 1)],
    };

    private static CronTrigger Cron(string start, string end, int desired, string zone = "Etc/UTC") =>
        CronTrigger.Parse(new Dictionary<string, string>
        {
            ["timezone"] = zone,
            ["start"] = start,
            ["end"] = end,
            ["desiredReplicas"] = $"{desired}",
        }).Trigger!;
}
