using KedaJobs.Hosting.Local;

namespace KedaJobs.Hosting;

/// <summary>A running AppHost's view of one of its event jobs: what the local KEDA sees and does. For tests and tools.</summary>
/// <remarks>All members may be called from any thread. Nothing here polls: waits end with the change they wait for.</remarks>
public sealed class EventJob
{
    private readonly LocalJob _job;

    internal EventJob(LocalJob job) => _job = job;

    /// <summary>The resource's name.</summary>
    public string Name => _job.Name;

    /// <summary>What was declared, with the AppHost's configuration laid over it. Changing it has no defined effect.</summary>
    public EventJobOptions Options => _job.Options;

    /// <summary>How often the queue is polled on this machine; not the declared interval, which is for the cloud.</summary>
    public TimeSpan LocalPollingInterval => _job.PollingInterval;

    /// <summary>The job as it stands now.</summary>
    public EventJobSnapshot Current => _job.State.Current;

    /// <summary>The job as it stands now, then after every change, none left out, until the token is cancelled.</summary>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    public IAsyncEnumerable<EventJobSnapshot> WatchAsync(CancellationToken cancellationToken = default) => _job.State.WatchAsync(cancellationToken);

    /// <summary>Waits until the job, as it stands now or after a change, is as wanted.</summary>
    /// <param name="condition">Whether the snapshot is the wanted one. Called once for each change, in their order.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The first snapshot that is as wanted.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before.</exception>
    public async Task<EventJobSnapshot> WaitForAsync(Func<EventJobSnapshot, bool> condition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        await foreach (var snapshot in WatchAsync(cancellationToken).ConfigureAwait(false))
        {
            if (condition(snapshot))
            {
                return snapshot;
            }
        }

        throw new OperationCanceledException($"The event job '{Name}' has been stopped with its AppHost.");
    }

    /// <summary>Waits until this many executions have ended, in whatever state, counted from the AppHost's start.</summary>
    /// <param name="count">At least 0.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The job at that moment.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before.</exception>
    public Task<EventJobSnapshot> WaitForExecutionsAsync(long count, CancellationToken cancellationToken = default) =>
        WaitForAsync(snapshot => snapshot.FinishedExecutions >= count, cancellationToken);

    /// <summary>Waits until a poll that began after this call has found the queue empty, and no execution runs.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The job at that moment.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before.</exception>
    public Task<EventJobSnapshot> WaitForIdleAsync(CancellationToken cancellationToken = default)
    {
        var now = _job.Now;
        return WaitForAsync(snapshot => snapshot.LastPoll >= now && snapshot is { QueueLength: 0, Counts.Running: 0 }, cancellationToken);
    }

    /// <summary>Starts an execution whatever the queue holds, also while scaling is paused.</summary>
    /// <param name="cancellationToken">Gives up before the start.</param>
    /// <returns>The new execution.</returns>
    /// <exception cref="InvalidOperationException">As many executions run as are allowed, or the worker cannot be started.</exception>
    public Task<JobExecution> StartExecutionAsync(CancellationToken cancellationToken = default) => _job.StartOneAsync(cancellationToken);

    /// <summary>From now on polls start nothing. What runs goes on.</summary>
    public void PauseScaling() => _job.Pause();

    /// <summary>Ends <see cref="PauseScaling"/>; the next poll decides.</summary>
    public void ResumeScaling() => _job.Resume();

    /// <summary>Stops every execution that runs: SIGTERM, then SIGKILL 30 s later.</summary>
    /// <returns>A task that ends when the executions have.</returns>
    public Task StopAllAsync() => _job.StopAllAsync();
}
