using Azure.Messaging.ServiceBus;
using KedaJobs.Hosting.Local;

namespace KedaJobs.Hosting;

/// <summary>
/// A running AppHost's view of one of its jobs: what the local KEDA sees and does. For tests and tools; get it with
/// <c>app.GetJob("worker")</c>.
/// </summary>
/// <remarks>
/// <para>
/// All members can be called from any thread. A wait ends as soon as the change happens, so tests need no delays. A wait that takes a
/// time-out reports the queue and every execution when the time-out expires.
/// </para>
/// <para>
/// To control polling in a test, call <see cref="PauseScaling"/> once and <see cref="PollAsync"/> for each step.
/// </para>
/// <example>
/// <code>
/// var job = app.GetJob("worker");
/// await sender.SendMessageAsync(new ServiceBusMessage("hello") { MessageId = "m-1" });
/// await job.WaitForMessageCompletedAsync("m-1", timeout: TimeSpan.FromSeconds(30));
/// </code>
/// </example>
/// </remarks>
public sealed class RunningJob
{
    private readonly LocalJob _job;

    internal RunningJob(LocalJob job) => _job = job;

    /// <summary>The worker's resource name.</summary>
    public string Name => _job.Name;

    /// <summary>A copy of the declared options, with the AppHost's configuration applied.</summary>
    public EventJobOptions Options => _job.Options.Clone();

    /// <summary>How often the triggers are polled on this machine. The declared interval applies in Azure.</summary>
    public TimeSpan LocalPollingInterval => _job.PollingInterval;

    /// <summary>The current state of the job.</summary>
    public JobSnapshot Current => _job.State.Current;

    /// <summary>
    /// The current state of the job, then its state after every change, until the token is canceled or the application stops. A reader that
    /// falls more than 1,000 changes behind misses the oldest of them.
    /// </summary>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    public IAsyncEnumerable<JobSnapshot> WatchAsync(CancellationToken cancellationToken = default) =>
        _job.State.WatchAsync(cancellationToken);

    /// <summary>Waits until the job matches the condition, now or after a change.</summary>
    /// <param name="condition">Whether the snapshot matches. Called once for each change, in order.</param>
    /// <param name="timeout">How long to wait; null for no limit.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The first snapshot that matches.</returns>
    /// <exception cref="TimeoutException">The time-out expired. The message describes the job, its triggers and its executions.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled first.</exception>
    /// <exception cref="JobStoppedException">The application stopped first.</exception>
    public Task<JobSnapshot> WaitForAsync(
        Func<JobSnapshot, bool> condition, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return JobWaits.ForAsync(_job, snapshot => condition(snapshot) ? snapshot : null, "the condition", timeout, cancellationToken);
    }

    /// <summary>Waits for an execution that matches the condition, now or after a change.</summary>
    /// <param name="condition">Whether the execution matches.</param>
    /// <param name="timeout">How long to wait; null for no limit.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The first execution that matches, as it was at that moment.</returns>
    /// <inheritdoc cref="WaitForAsync" path="/exception"/>
    public Task<JobExecution> WaitForExecutionAsync(
        Func<JobExecution, bool> condition, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return JobWaits.ForAsync(
            _job, snapshot => snapshot.Executions.FirstOrDefault(condition), "an execution that matches the condition", timeout,
            cancellationToken);
    }

    /// <summary>Waits for the end of an execution, regardless of its outcome.</summary>
    /// <param name="executionName">The execution's name, see <see cref="JobExecution.Name"/>.</param>
    /// <param name="timeout">How long to wait; null for no limit.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The execution after it has ended.</returns>
    /// <inheritdoc cref="WaitForAsync" path="/exception"/>
    public Task<JobExecution> WaitForExecutionAsync(
        string executionName, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(executionName);
        return JobWaits.ForAsync(
            _job,
            snapshot => snapshot.Executions.FirstOrDefault(execution => execution.Name == executionName && execution.IsFinished),
            $"the end of execution '{executionName}'",
            timeout,
            cancellationToken);
    }

    /// <summary>Waits until this many executions have ended since the AppHost started, regardless of their outcome.</summary>
    /// <param name="count">At least 0.</param>
    /// <param name="timeout">How long to wait; null for no limit.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The job at that moment.</returns>
    /// <inheritdoc cref="WaitForAsync" path="/exception"/>
    public Task<JobSnapshot> WaitForExecutionsAsync(long count, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        JobWaits.ForAsync(
            _job, snapshot => snapshot.FinishedExecutions >= count ? snapshot : null, $"the end of {count} executions", timeout,
            cancellationToken);

    /// <summary>Waits until a poll that began after this call has found no active messages, and no execution is running.</summary>
    /// <param name="timeout">How long to wait; null for no limit.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The job at that moment.</returns>
    /// <inheritdoc cref="WaitForAsync" path="/exception"/>
    public Task<JobSnapshot> WaitForIdleAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        // A poll under way may have read the queue already.
        var begun = _job.PollsBegun;
        return JobWaits.ForAsync(
            _job,
            snapshot => snapshot.Counts.Running == 0
                && (_job.Kind != JobKind.Event || (snapshot.Polls > begun && snapshot.QueueLength == 0))
                ? snapshot
                : null,
            "no messages and no executions",
            timeout,
            cancellationToken);
    }

    /// <summary>
    /// Waits until a message that was sent before this call has left the trigger's queue without being
    /// dead-lettered. Normally, it was completed.
    /// </summary>
    /// <remarks>
    /// Messages are peeked after each poll and each change of an execution. A message that expires or is forwarded leaves its queue, too.
    /// In a subscription, the message must match one of its rules.
    /// </remarks>
    /// <param name="messageId">The message's <see cref="ServiceBusMessage.MessageId"/>.</param>
    /// <param name="timeout">How long to wait; null for no limit.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="JobException">The message was dead-lettered; the message text says why.</exception>
    /// <inheritdoc cref="WaitForAsync" path="/exception"/>
    public async Task WaitForMessageCompletedAsync(
        string messageId, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(messageId);
        if (await JobWaits.ForMessageAsync(_job, messageId, isDeadLetterWanted: false, timeout, cancellationToken)
            .ConfigureAwait(false) is { } letter)
        {
            throw new JobException(
                $"Message '{messageId}' was dead-lettered: {letter.DeadLetterReason}. {letter.DeadLetterErrorDescription}");
        }
    }

    /// <summary>Waits until a message that was sent before this call is in a trigger's dead-letter queue.</summary>
    /// <param name="messageId">The message's <see cref="ServiceBusMessage.MessageId"/>.</param>
    /// <param name="timeout">How long to wait; null for no limit.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The dead letter, peeked: it is still in the dead-letter queue.</returns>
    /// <exception cref="JobException">The message left the queue in another way: it was completed, or it was never there.</exception>
    /// <inheritdoc cref="WaitForAsync" path="/exception"/>
    public async Task<ServiceBusReceivedMessage> WaitForMessageDeadLetteredAsync(
        string messageId, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(messageId);
        return await JobWaits.ForMessageAsync(_job, messageId, isDeadLetterWanted: true, timeout, cancellationToken).ConfigureAwait(false)
            ?? throw new JobException(
                $"Message '{messageId}' is neither in the queue nor in its dead-letter queue: it was completed, or never sent.");
    }

    /// <summary>The end of an execution's console log: about the last 64 KB. Color codes are not interpreted.</summary>
    /// <param name="executionName">An execution in <see cref="JobSnapshot.Executions"/>.</param>
    /// <returns>Its lines, the oldest first; empty if there is no such execution.</returns>
    public IReadOnlyList<string> GetLog(string executionName)
    {
        ArgumentException.ThrowIfNullOrEmpty(executionName);
        return _job.LogOf(executionName);
    }

    /// <summary>Starts an execution now, regardless of the queue, even while scaling is paused.</summary>
    /// <param name="cancellationToken">Cancels the call before the start.</param>
    /// <returns>The new execution. Its processes have been started.</returns>
    /// <exception cref="JobException">The maximum number of executions is already running, or the worker cannot be started.</exception>
    /// <exception cref="JobStoppedException">The application is stopping.</exception>
    public Task<JobExecution> StartExecutionAsync(CancellationToken cancellationToken = default) => _job.StartOneAsync(cancellationToken);

    /// <summary>
    /// Polls once and starts the executions that the decision calls for, even while scaling is paused. While scaling is paused, nothing
    /// else starts executions for messages, so a test can proceed step by step.
    /// </summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The job after the poll. The executions that it started have been started.</returns>
    /// <exception cref="JobException">The job cannot be scaled (its status is <see cref="JobStatus.FailedToStart"/>).</exception>
    /// <exception cref="JobStoppedException">The application is stopping.</exception>
    public Task<JobSnapshot> PollAsync(CancellationToken cancellationToken = default) => _job.PollNowAsync(cancellationToken);

    /// <summary>Pauses scaling. After this method returns, polls start no executions. Running executions continue.</summary>
    public void PauseScaling() => _job.Pause();

    /// <summary>Resumes scaling after <see cref="PauseScaling"/>, at the next poll.</summary>
    public void ResumeScaling() => _job.Resume();

    /// <summary>Stops every running execution: SIGTERM, then SIGKILL 30 s later.</summary>
    /// <returns>A task that completes when all of them have ended.</returns>
    public Task StopAllAsync() => _job.StopAllAsync();
}
