using System.Globalization;
using KedaJobs.Scaling.Schedules;

namespace KedaJobs.Tests.Scaling.Schedules;

public class CronScheduleTests
{
    [Theory]
    [InlineData("0 3 * * *", "2026-08-01T12:00", "2026-08-02T03:00")]
    [InlineData("*/15 * * * *", "2026-08-01T12:00", "2026-08-01T12:15")]
    [InlineData("5/20 * * * *", "2026-08-01T12:30", "2026-08-01T12:45")]
    [InlineData("0 8-17/3 * * 1-5", "2026-08-01T12:00", "2026-08-03T08:00")]
    [InlineData("0 0 1 jan,JUL ?", "2026-08-01T12:00", "2027-01-01T00:00")]
    [InlineData("0 0 29 2 *", "2026-08-01T12:00", "2028-02-29T00:00")]
    [InlineData("0 0 * * sun", "2026-08-01T12:00", "2026-08-02T00:00")]
    public void Next_is_the_first_time_after(string text, string after, string expected) =>
        Assert.Equal(Time(expected), Parse(text).Next(Time(after), TimeZoneInfo.Utc));

    [Theory]
    // Saturday the 1st; Fridays and the 13th: any of the two, as in Vixie's cron.
    [InlineData("0 0 13 * 5", "2026-08-01", "2026-08-07")]
    [InlineData("0 0 13 * 5", "2026-08-07", "2026-08-13")]
    // Left open, the other one decides alone.
    [InlineData("0 0 13 * *", "2026-08-01", "2026-08-13")]
    [InlineData("0 0 ? * 5", "2026-08-07", "2026-08-14")]
    // A step restricts: odd days, and Fridays.
    [InlineData("0 0 */2 * 5", "2026-08-13", "2026-08-14")]
    public void DayOfMonthAndDayOfWeek_AreAlternatives(string text, string after, string expected) =>
        Assert.Equal(Time(expected), Parse(text).Next(Time(after), TimeZoneInfo.Utc));

    [Theory]
    [InlineData(null, "has 0 fields")]
    [InlineData("* * * *", "has 4 fields")]
    [InlineData("0 0 3 * * *", "has 6 fields")]
    [InlineData("@daily", "has 1 field;")]
    [InlineData("60 * * * *", "has '60' as its minute, and takes 0 to 59")]
    [InlineData("* 24 * * *", "has '24' as its hour")]
    [InlineData("* * 0 * *", "has '0' as its day of month")]
    [InlineData("* * L * *", "has 'L' as its day of month")]
    [InlineData("* * 15W * *", "has '15W' as its day of month")]
    [InlineData("* * * FOO *", "has 'FOO' as its month, and takes 1 to 12 or JAN to DEC")]
    [InlineData("* * * * 7", "has '7' as its day of week, and takes 0 to 6 or SUN to SAT")]
    [InlineData("* * * * 5#2", "has '5#2' as its day of week")]
    [InlineData("* 22-3 * * *", "has '22-3' as its hour, and the range 22-3 ends before it begins")]
    [InlineData("*/0 * * * *", "a step is a number from 1")]
    [InlineData("1/2/3 * * * *", "a step is a number from 1")]
    [InlineData("1-2-3 * * * *", "has '1-2-3' as its minute")]
    [InlineData("1,, * * * *", "has '1,,' as its minute")]
    [InlineData("-5 * * * *", "has '-5' as its minute")]
    [InlineData("0 0 31 2 *", "never comes")]
    public void What_container_apps_would_not_take_is_refused(string? text, string expected)
    {
        var (schedule, problem) = CronSchedule.Parse(text);

        Assert.Null(schedule);
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    private static CronSchedule Parse(string text)
    {
        var (schedule, problem) = CronSchedule.Parse(text);
        Assert.Null(problem);
        return schedule!;
    }

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
