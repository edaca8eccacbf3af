using KedaJobs.Scaling.Executions;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Hosting.Local.Polling;

/// <summary>Shows the queue's oldest messages to the <see cref="RunawayGuard"/>, only when executions have ended beside a queue that is not empty.</summary>
internal sealed class RunawayWatch(IQueueReader queue, string entityPath, TimeProvider timeProvider, ILogger log)
{
    /// <summary>How many of the oldest messages are looked at.</summary>
    private const int Sample = 32;

    private RunawayGuard _guard = RunawayGuard.Initial;
    private long _finishedAtLastLook;

    /// <summary>What the guard has found; null while all is well.</summary>
    public string? Finding { get; private set; }

    public async Task ObserveAsync(long active, EventJobSnapshot job, CancellationToken cancellationToken)
    {
        if (active == 0)
        {
            Observe([], job);
            return;
        }

        if (job.FinishedExecutions == _finishedAtLastLook)
        {
            return;
        }

        try
        {
            Observe(await queue.PeekOldestAsync(Sample, cancellationToken).ConfigureAwait(false), job);
            _finishedAtLastLook = job.FinishedExecutions;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // An unsuccessful look is no look: what was found stays, and the next poll looks again.
            Log.LookFailed(log, entityPath, exception.Message);
        }
    }

    private void Observe(IReadOnlyList<long> oldest, EventJobSnapshot job)
    {
        (_guard, var finding) = _guard.Observe(timeProvider.GetUtcNow(), oldest, job.Executions.Select(execution => execution.State));
        Finding = finding is null ? null : $"{finding.Reason} {finding.Cure}";
    }
}
