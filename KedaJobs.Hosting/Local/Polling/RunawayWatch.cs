using KedaJobs.Scaling.Executions;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Hosting.Local.Polling;

/// <summary>
/// Shows a queue's oldest messages to the <see cref="RunawayGuard"/>, in parallel to the polls, so that a slow look delays no
/// poll. It looks when a queue begins to hold messages, when executions have ended beside it, and at each poll while there is
/// a finding, which the next look may clear.
/// </summary>
/// <param name="trigger">The queue.</param>
/// <param name="job">What the job's executions are now.</param>
/// <param name="report">Gets each finding, and null when there is none any more.</param>
/// <param name="deadline">How long a look may take.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="log">The job's log.</param>
internal sealed class RunawayWatch(
    JobTrigger trigger, Func<JobSnapshot> job, Action<RunawayFinding?> report, TimeSpan deadline, TimeProvider timeProvider, ILogger log)
{
    /// <summary>How many of the oldest messages are looked at.</summary>
    private const int Sample = 32;

    private RunawayGuard _guard = RunawayGuard.Initial;
    private RunawayFinding? _finding;
    private long _finishedAtLastLook;

    /// <summary>Ends when no look is under way.</summary>
    public Task Look { get; private set; } = Task.CompletedTask;

    /// <summary>To be called after each poll that has read the queue. Never throws, never waits.</summary>
    /// <param name="began">When the poll began: what is in the queue now was there before the executions that the poll started.</param>
    /// <param name="active">Active messages at the poll.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public void Polled(DateTimeOffset began, long active, CancellationToken cancellationToken)
    {
        // A look under way sees the queue as it is now, or the next poll's look does.
        if (Look.IsCompleted)
        {
            Look = ObserveAsync(began, active, cancellationToken);
        }
    }

    private async Task ObserveAsync(DateTimeOffset began, long active, CancellationToken cancellationToken)
    {
        if (active == 0)
        {
            Observe(new(began, []));
            return;
        }

        var finished = job().FinishedExecutions;
        if (finished == _finishedAtLastLook && _finding is null && !_guard.IsIdle)
        {
            return;
        }

        try
        {
            var look = await CallDeadline.ApplyAsync(
                token => trigger.Reader.LookAsync(Sample, began, token), deadline, timeProvider, cancellationToken)
                .ConfigureAwait(false);
            if (look is not null)
            {
                Observe(look);
            }

            _finishedAtLastLook = finished;
        }
        catch (Exception exception)
        {
            // A failed look does not count: the finding stays, and the next poll looks again.
            if (!cancellationToken.IsCancellationRequested)
            {
                Log.LookFailed(log, trigger.Name, exception.Message);
            }
        }
    }

    private void Observe(QueueLook look)
    {
        (_guard, var finding) = _guard.Observe(look, job().Executions.Select(execution => execution.State));
        if (finding != _finding)
        {
            _finding = finding;
            report(finding);
        }
    }
}
