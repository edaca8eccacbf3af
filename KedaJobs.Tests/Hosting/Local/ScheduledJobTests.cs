using KedaJobs.Hosting;
using KedaJobs.Tests.Hosting.Local.Fakes;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Local;

/// <summary>Jobs that a schedule or a person starts. The clock stands at noon until a test advances it.</summary>
public class ScheduledJobTests
{
    private static readonly DateTimeOffset Noon = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Scheduled_time_starts_one_execution_and_shows_the_next()
    {
        await using var harness = LocalJobHarness.Unscaled("0 3 * * *");
        await harness.StartUnscaledAsync();
        Assert.Equal((JobStatus.Running, Noon.AddHours(15)), (harness.Current.Status, harness.Current.NextScheduledTime));

        harness.Time.Advance(TimeSpan.FromHours(15));
        var started = await harness.WaitForAsync("the start", snapshot => snapshot.LastStart == 1);

        Assert.Single(harness.Starter.Replicas);
        Assert.Equal("scheduled for 2026-08-02 03:00:00Z by '0 3 * * *': start 1", started.LastReason);
        Assert.Equal(Noon.AddHours(39), started.NextScheduledTime);
        await Eventually.SucceedsAsync("the log says so", () =>
        {
            Assert.Contains("Information: scheduled for 2026-08-02 03:00:00Z by '0 3 * * *': start 1", harness.Log.Lines);
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task Next_time_starts_another_though_the_last_still_runs()
    {
        await using var harness = LocalJobHarness.Unscaled("*/5 * * * *");
        await harness.StartUnscaledAsync();

        for (var round = 1; round <= 3; round++)
        {
            // The loop looks at its clock in between: what has been started does not start again.
            for (var minute = 0; minute < 5; minute++)
            {
                harness.Time.Advance(TimeSpan.FromMinutes(1));
                await Task.Yield();
            }

            await harness.WaitForAsync($"start {round}", snapshot => snapshot.NextScheduledTime == Noon.AddMinutes(5 * (round + 1)));
        }

        Assert.Equal(3, harness.Current.Counts.Running);
        Assert.Equal(3, harness.Starter.Replicas.Count);
    }

    [Fact]
    public async Task Paused_times_pass_and_resumed_the_next_one_counts()
    {
        await using var harness = LocalJobHarness.Unscaled("0 * * * *");
        await harness.StartUnscaledAsync();
        harness.Public.PauseScaling();

        harness.Time.Advance(TimeSpan.FromHours(1));
        var paused = await harness.WaitForAsync("the time to pass", snapshot => snapshot.NextScheduledTime == Noon.AddHours(2));
        harness.Public.ResumeScaling();
        harness.Time.Advance(TimeSpan.FromHours(1));
        await harness.WaitForAsync("the next time", snapshot => snapshot.NextScheduledTime == Noon.AddHours(3));

        Assert.EndsWith("(the schedule is paused: none started)", paused.LastReason, StringComparison.Ordinal);
        Assert.Equal(0, paused.LastStart);
        Assert.Single(harness.Starter.Replicas);
        Assert.Contains("Information: Schedule paused.", harness.Log.Lines);
    }

    [Fact]
    public async Task Worker_that_cannot_be_run_is_a_problem_at_once_and_at_the_scheduled_time()
    {
        await using var harness = LocalJobHarness.Unscaled("0 * * * *");
        harness.TemplateFailure = "The worker is not built.";
        await harness.StartUnscaledAsync();
        Assert.Equal("The worker is not built.", harness.Current.Problem);

        harness.TemplateFailure = null;
        harness.Time.Advance(TimeSpan.FromHours(1));
        var started = await harness.WaitForAsync("the start", snapshot => snapshot.LastStart == 1);

        Assert.Null(started.Problem);
        await Eventually.SucceedsAsync("the log says so", () =>
        {
            Assert.Contains("Information: Recovered.", harness.Log.Lines);
            return Task.CompletedTask;
        });
    }

    [Theory]
    [InlineData(null, "'worker' has no triggers to poll. Call StartExecutionAsync.")]
    [InlineData("0 3 * * *", "'worker' has no triggers to poll. Call StartExecutionAsync, or advance the clock of its schedule.")]
    public async Task On_demand_one_starts_beside_everything(string? schedule, string expected)
    {
        await using var harness = LocalJobHarness.Unscaled(schedule);
        await harness.StartUnscaledAsync();
        await harness.Public.WaitForIdleAsync(Eventually.DefaultDeadline);

        var first = await harness.Public.StartExecutionAsync();
        var second = await harness.Public.StartExecutionAsync();

        Assert.NotEqual(first.Name, second.Name);
        Assert.Equal(2, harness.Starter.Replicas.Count);
        Assert.Equal(expected, (await Assert.ThrowsAsync<JobException>(() => harness.Public.PollAsync())).Message);
        await Assert.ThrowsAsync<JobException>(() => harness.Public.WaitForMessageCompletedAsync("m"));
    }
}
