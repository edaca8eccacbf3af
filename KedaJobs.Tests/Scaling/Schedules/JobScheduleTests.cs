using KedaJobs.Scaling.Schedules;

namespace KedaJobs.Tests.Scaling.Schedules;

public class JobScheduleTests
{
    private static readonly DateTimeOffset Noon = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Before_the_time_nothing_is_due() =>
        Assert.Equal(new(null, Noon.AddHours(15)), Decide("0 3 * * *", Noon, Noon.AddHours(14)));

    [Fact]
    public void At_the_time_it_is_due_once()
    {
        Assert.Equal(new(Noon.AddHours(15), Noon.AddHours(39)), Decide("0 3 * * *", Noon, Noon.AddHours(15)));
        Assert.Equal(new(null, Noon.AddHours(39)), Decide("0 3 * * *", Noon.AddHours(15), Noon.AddHours(15)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(59)]
    [InlineData(90_000)]
    public void Times_missed_in_between_are_one_execution_for_the_latest(int minutes)
    {
        var now = Noon.AddMinutes(minutes).AddSeconds(30);

        Assert.Equal(new(Noon.AddMinutes(minutes), Noon.AddMinutes(minutes + 1)), Decide("* * * * *", Noon, now));
    }

    [Fact]
    public void Clock_that_went_back_repeats_nothing() =>
        Assert.Equal(new(null, Noon.AddHours(39)), Decide("0 3 * * *", Noon.AddHours(15), Noon.AddHours(14)));

    private static ScheduleDecision Decide(string text, DateTimeOffset last, DateTimeOffset now) =>
        JobSchedule.Decide(CronSchedule.Parse(text).Schedule!, last, now);
}
