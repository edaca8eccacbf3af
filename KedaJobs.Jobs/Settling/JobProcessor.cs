using System.Diagnostics;
using System.Globalization;
using Azure.Messaging.ServiceBus;
using KedaJobs.Jobs.Handling;
using KedaJobs.Jobs.Hosting;
using KedaJobs.Jobs.Receiving;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Jobs.Settling;

/// <summary>
/// Handles one message from its body to its settlement. Never throws: in any case, the queue keeps what is not completed.
/// </summary>
internal sealed class JobProcessor(
    JobHandlers handlers,
    ResultSender results,
    DelayedRetries retries,
    JobTelemetry telemetry,
    ExecutionIdentity identity,
    QueueJobOptions options,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>Service Bus refuses longer reasons and descriptions, and a dead letter is for reading.</summary>
    private const int MaxErrorLength = 4_000;

    /// <summary>The broker's own reason, so that tools that look for it also find these dead letters.</summary>
    private const string LastAttemptFailed = "MaxDeliveryCountExceeded";

    private readonly RetryPolicy _policy = RetryPolicy.From(options);

    /// <param name="receiver">The receiver that the message came from.</param>
    /// <param name="message">The message.</param>
    /// <param name="giveBack">Canceled when the execution cannot wait any longer.</param>
    /// <param name="session">Keeps the lock of the session that the message belongs to; null if it was received without one.</param>
    public async Task<JobOutcome> ProcessAsync(
        ServiceBusReceiver receiver, ServiceBusReceivedMessage message, CancellationToken giveBack, SessionLockKeeper? session = null)
    {
        using var activity = telemetry.StartMessage(message, receiver.EntityPath);
        using var scope = logger.BeginScope(
            new Dictionary<string, object> { ["ExecutionName"] = identity.Execution, ["MessageId"] = message.MessageId });
        JobCall? call = null;
        JobOutcome outcome;
        try
        {
            call = handlers.Find(message);
            outcome = await HandleAsync(receiver, message, call, giveBack, session).ConfigureAwait(false);
        }
        catch (JobRejectedException e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            outcome = await DeadLetterAsync(receiver, message, e.Reason, e.Message, Trail(e), JobOutcome.DeadLettered)
                .ConfigureAwait(false);
        }

        telemetry.MessageDone(call?.Task, outcome);
        return outcome;
    }

    /// <summary>Returns a message whose handler does not end.</summary>
    public Task GiveBackAsync(ServiceBusReceiver receiver, ServiceBusReceivedMessage message) =>
        AbandonAsync(receiver, message, properties: null, JobOutcome.GivenBack);

    private async Task<JobOutcome> HandleAsync(
        ServiceBusReceiver receiver, ServiceBusReceivedMessage message, JobCall call, CancellationToken giveBack,
        SessionLockKeeper? session)
    {
        var job = JobMessages.ContextOf(message);
        await using var keeper = session?.ForMessage(options.EffectiveMaxLockRenewal)
            ?? await LockKeeper.StartAsync(receiver, message, options.EffectiveMaxLockRenewal, time, logger).ConfigureAwait(false);
        using var unwanted = CancellationTokenSource.CreateLinkedTokenSource(keeper.Ended, giveBack);
        try
        {
            unwanted.Token.ThrowIfCancellationRequested();
            logger.Begins(job.Id, call.Task, job.Attempt);
            var start = time.GetTimestamp();
            var output = await call.InvokeAsync(job, unwanted.Token).ConfigureAwait(false);
            var duration = time.GetElapsedTime(start);
            telemetry.HandlerDone(call.Task, duration);
            unwanted.Token.ThrowIfCancellationRequested();
            if (output is not null && string.IsNullOrEmpty(message.ReplyTo))
            {
                logger.NoReplyTo(job.Id);
            }
            else if (output is not null)
            {
                await results.SendAsync(message, call.Task, job, output, duration, unwanted.Token).ConfigureAwait(false);
            }

            await keeper.DisposeAsync().ConfigureAwait(false);
            return await CompleteAsync(receiver, message, call.Task, job, duration).ConfigureAwait(false);
        }
        catch (Exception) when (keeper.IsLost)
        {
            logger.LockLost(message.MessageId);
            return JobOutcome.LockLost;
        }
        catch (OperationCanceledException) when (giveBack.IsCancellationRequested)
        {
            logger.GivenBack(job.Id, call.Task);
            if (session is not null)
            {
                // It returns when its session is closed, which is no failed delivery.
                return JobOutcome.GivenBack;
            }

            return await AbandonAsync(receiver, message, properties: null, JobOutcome.GivenBack).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not JobRejectedException)
        {
            var error = keeper.IsOverdue
                ? new TimeoutException(
                    $"The handler took longer than the {options.EffectiveMaxLockRenewal} for which a message's lock is renewed.", e)
                : e;
            Activity.Current?.SetStatus(ActivityStatusCode.Error, error.Message);
            await keeper.DisposeAsync().ConfigureAwait(false);
            return await RetryAsync(receiver, message, call.Task, job, error).ConfigureAwait(false);
        }
    }

    private async Task<JobOutcome> RetryAsync(
        ServiceBusReceiver receiver, ServiceBusReceivedMessage message, string task, JobContext job, Exception error)
    {
        var trail = Trail(error);
        var step = _policy.After(job.Attempt, retries.CanDelay(message));
        if (step is RetryStep.DeadLetter)
        {
            logger.LastAttemptFailed(error, job.Id, task, job.Attempt);
            var description = $"All {job.Attempt} attempts failed. Last error: {error.Message}";

            // Put back into the queue by hand, it starts over.
            trail[JobProperties.Attempts] = 0;
            return await DeadLetterAsync(receiver, message, LastAttemptFailed, description, trail, JobOutcome.Retried)
                .ConfigureAwait(false);
        }

        if (step is RetryStep.Delay delay && await retries.TryDelayAsync(receiver, message, job, trail, delay.For).ConfigureAwait(false))
        {
            logger.AttemptFailedAndWaits(error, job.Id, task, job.Attempt, delay.For);
            return JobOutcome.Retried;
        }

        logger.AttemptFailed(error, job.Id, task, job.Attempt);
        return await AbandonAsync(receiver, message, trail, JobOutcome.Retried).ConfigureAwait(false);
    }

    // From here on the work is done and its result sent: nothing cancels the completion.
    private async Task<JobOutcome> CompleteAsync(
        ServiceBusReceiver receiver, ServiceBusReceivedMessage message, string task, JobContext job, TimeSpan duration)
    {
        try
        {
            await receiver.CompleteMessageAsync(message, CancellationToken.None).ConfigureAwait(false);
            logger.Completed(
                job.Id,
                task,
                duration.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture),
                job.Attempt.ToString(CultureInfo.InvariantCulture));
            return JobOutcome.Completed;
        }
        catch (Exception e)
        {
            logger.CompleteFailed(e, job.Id);
            return JobOutcome.LockLost;
        }
    }

    private async Task<JobOutcome> AbandonAsync(
        ServiceBusReceiver receiver, ServiceBusReceivedMessage message, Dictionary<string, object>? properties, JobOutcome outcome)
    {
        try
        {
            await receiver.AbandonMessageAsync(message, properties, CancellationToken.None).ConfigureAwait(false);
            return outcome;
        }
        catch (Exception e)
        {
            logger.SettleFailed(e, message.MessageId);
            return JobOutcome.LockLost;
        }
    }

    private async Task<JobOutcome> DeadLetterAsync(
        ServiceBusReceiver receiver,
        ServiceBusReceivedMessage message,
        string reason,
        string description,
        Dictionary<string, object> properties,
        JobOutcome outcome)
    {
        logger.DeadLettered(message.MessageId, reason, description);
        try
        {
            await receiver.DeadLetterMessageAsync(message, properties, Shortened(reason), Shortened(description), CancellationToken.None)
                .ConfigureAwait(false);
            return outcome;
        }
        catch (Exception e)
        {
            logger.SettleFailed(e, message.MessageId);
            return JobOutcome.LockLost;
        }
    }

    // What a dead letter shows of its last attempt.
    private Dictionary<string, object> Trail(Exception error) => new()
    {
        [JobProperties.LastError] = Shortened(error.Message),
        [JobProperties.LastErrorType] = error.GetType().FullName ?? error.GetType().Name,
        [JobProperties.LastExecution] = identity.Execution,
    };

    private static string Shortened(string text) => text.Length <= MaxErrorLength ? text : text[..MaxErrorLength];
}
