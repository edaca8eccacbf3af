using KedaJobs.Scaling.Schedules;

namespace KedaJobs.Hosting.Checks;

/// <summary>The schedule of a scheduled job. Source: scheduleTriggerConfig of Microsoft.App/jobs.</summary>
internal static class ScheduleChecks
{
    public static IEnumerable<CheckFinding> Run(CheckedJob job)
    {
        if (job.Kind == JobKind.Scheduled && CronSchedule.Parse(job.Schedule).Problem is { } problem)
        {
            yield return new(CheckCode.Schedule, job.Resource,
                $"the schedule '{job.Schedule}' {problem}.",
                "Write minute, hour, day of month, month and day of week, in UTC, for instance \"0 3 * * *\" for every night at three.");
        }
    }
}
