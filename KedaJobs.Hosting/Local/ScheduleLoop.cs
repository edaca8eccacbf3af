using KedaJobs.Scaling.Schedules;

namespace KedaJobs.Hosting.Local;

/// <summary>Follows a schedule by a clock.</summary>
internal sealed class ScheduleLoop(CronSchedule schedule, TimeProvider clock)
{
    /// <summary>Timers stand still while a machine sleeps, and clocks are set: the clock is looked at this often at the least.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>Reports each decision until canceled: immediately, then whenever something is due.</summary>
    public async Task RunAsync(Func<ScheduleDecision, CancellationToken, Task> decided, CancellationToken cancellationToken)
    {
        var last = clock.GetUtcNow();
        var isFirst = true;
        while (true)
        {
            var now = clock.GetUtcNow();
            var decision = JobSchedule.Decide(schedule, last, now);
            if (isFirst || decision.Due is not null)
            {
                await decided(decision, cancellationToken).ConfigureAwait(false);
            }

            isFirst = false;
            // A clock that is set back must not repeat what has been started.
            last = now > last ? now : last;
            var wait = decision.Next is { } next && next - now < LongestWait ? next - now : LongestWait;
            var elapsed = Task.Delay(wait, clock, cancellationToken);
            if (clock.GetUtcNow() == now || decision.Next is not { } due || clock.GetUtcNow() < due)
            {
                await elapsed.ConfigureAwait(false);
            }
        }
    }
}
