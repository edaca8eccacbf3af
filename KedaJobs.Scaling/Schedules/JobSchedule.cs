namespace KedaJobs.Scaling.Schedules;

/// <summary>The state of a schedule at one moment.</summary>
/// <param name="Due">The scheduled time that an execution is to be started for now; null for none.</param>
/// <param name="Next">The next scheduled time after now, in UTC; null if there is none.</param>
public sealed record ScheduleDecision(DateTimeOffset? Due, DateTimeOffset? Next);

/// <summary>When a scheduled job starts executions.</summary>
/// <remarks>
/// Source: Container Apps jobs of trigger type Schedule: times are UTC; a schedule starts an execution even if the previous
/// one is still running. Of several times that have passed unnoticed (a machine that slept), one execution starts, for the
/// latest of them, as a Kubernetes CronJob does.
/// </remarks>
public static class JobSchedule
{
    /// <summary>Decides what is due.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="last">Up to when the schedule has been followed.</param>
    /// <param name="now">Now.</param>
    /// <returns>The scheduled time after <paramref name="last"/> and up to <paramref name="now"/>, and the next one.</returns>
    public static ScheduleDecision Decide(CronSchedule schedule, DateTimeOffset last, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        DateTimeOffset? due = null;
        var next = schedule.Next(last, TimeZoneInfo.Utc);
        if (next <= now)
        {
            due = Latest(schedule, last, now);
            next = schedule.Next(now, TimeZoneInfo.Utc);
        }

        return new(due, next);
    }

    /// <summary>
    /// The latest time in (from, to], where there is one. By halves: a minutely schedule and a month of sleep are 44,640 times.
    /// </summary>
    private static DateTimeOffset? Latest(CronSchedule schedule, DateTimeOffset from, DateTimeOffset to)
    {
        while (to - from > TimeSpan.FromMinutes(1))
        {
            var middle = from + ((to - from) / 2);
            if (schedule.Next(middle, TimeZoneInfo.Utc) <= to)
            {
                from = middle;
            }
            else
            {
                to = middle;
            }
        }

        // Times are whole minutes: at most one is left.
        return schedule.Next(from, TimeZoneInfo.Utc);
    }
}
