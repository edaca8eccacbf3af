using System.Diagnostics;
using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;
using KedaJobs.Worker.Handlers;
using Microsoft.Extensions.Options;

namespace KedaJobs.Worker;

/// <summary>Handles one message from its body to its settlement. Never throws: whatever happens, the queue keeps what is not completed.</summary>
internal sealed class JobProcessor(
    JobHandlers handlers,
    ResultSender results,
    WorkerTelemetry telemetry,
    ExecutionIdentity identity,
    IOptions<WorkerOptions> options,
    TimeProvider time,
    ILogger<JobWorker> logger)
{
    /// <summary>Service Bus refuses longer reasons and descriptions, and a dead letter is for reading.</summary>
    private const int MaxErrorLength = 4_000;

    /// <param name="receiver">The receiver that the message came from.</param>
    /// <param name="message">The message.</param>
    /// <param name="giveBack">Cancelled when the execution cannot wait any longer.</param>
    public async Task<JobOutcome> ProcessAsync(ServiceBusReceiver receiver, ServiceBusReceivedMessage message, CancellationToken giveBack)
    {
        using var activity = telemetry.StartMessage(message, receiver.EntityPath);
        using var scope = logger.BeginScope(
            new Dictionary<string, object> { ["ExecutionName"] = identity.Execution, ["MessageId"] = message.MessageId });
        JobMessage? job = null;
        JobOutcome outcome;
        try
        {
            (job, var problem) = JobMessages.Read(message);
            outcome = job is null
                ? throw new JobRejectedException("MalformedMessage", problem!)
                : await HandleAsync(receiver, message, job, giveBack);
        }
        catch (JobRejectedException e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            outcome = await DeadLetterAsync(receiver, message, e);
        }

        telemetry.MessageDone(job, outcome);
        return outcome;
    }

    private async Task<JobOutcome> HandleAsync(
        ServiceBusReceiver receiver, ServiceBusReceivedMessage message, JobMessage job, CancellationToken giveBack)
    {
        if (!handlers.TryFind(job.Task, out var handler))
        {
            throw new JobRejectedException(
                "UnknownTask", $"There is no handler for task '{job.Task}'. This worker knows: {string.Join(", ", handlers.Tasks)}.");
        }

        var context = new JobContext(JobMessages.IdOf(message), message.DeliveryCount);
        await using var keeper = await LockKeeper.StartAsync(receiver, message, options.Value.EffectiveMaxLockRenewal, time, logger);
        using var unwanted = CancellationTokenSource.CreateLinkedTokenSource(keeper.Ended, giveBack);
        try
        {
            unwanted.Token.ThrowIfCancellationRequested();
            logger.Begins(context.Id, job.Task, context.Attempt);
            var start = time.GetTimestamp();
            var output = await handler.Invoke(job.Input, context, unwanted.Token);
            var duration = time.GetElapsedTime(start);
            telemetry.HandlerDone(job, duration);
            unwanted.Token.ThrowIfCancellationRequested();
            await SendResultAsync(message, results.Result(job, context, output, duration), unwanted.Token);
            await keeper.DisposeAsync();
            return await CompleteAsync(receiver, message, job, context, duration);
        }
        catch (Exception) when (keeper.IsLost)
        {
            logger.LockLost(message.MessageId);
            return JobOutcome.LockLost;
        }
        catch (OperationCanceledException) when (giveBack.IsCancellationRequested)
        {
            logger.GivenBack(context.Id, job.Task);
            return await AbandonAsync(receiver, message, properties: null, JobOutcome.GivenBack);
        }
        catch (Exception e) when (e is not JobRejectedException)
        {
            var error = keeper.IsOverdue
                ? new TimeoutException($"The handler took longer than the {options.Value.EffectiveMaxLockRenewal} for which a message's lock is renewed.", e)
                : e;
            logger.AttemptFailed(error, context.Id, job.Task, context.Attempt);
            Activity.Current?.SetStatus(ActivityStatusCode.Error, error.Message);
            return await AbandonAsync(receiver, message, Trail(error), JobOutcome.Retried);
        }
    }

    private async Task SendResultAsync(ServiceBusReceivedMessage message, JobResult result, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(message.ReplyTo))
        {
            logger.NoReplyTo(result.Id);
            return;
        }

        await results.SendAsync(message, result, cancellationToken);
    }

    // From here on the work is done and its result sent: nothing cancels the completion.
    private async Task<JobOutcome> CompleteAsync(
        ServiceBusReceiver receiver, ServiceBusReceivedMessage message, JobMessage job, JobContext context, TimeSpan duration)
    {
        try
        {
            await receiver.CompleteMessageAsync(message, CancellationToken.None);
            logger.Completed(context.Id, job.Task, duration.TotalMilliseconds, context.Attempt);
            return JobOutcome.Completed;
        }
        catch (Exception e)
        {
            logger.CompleteFailed(e, context.Id);
            return JobOutcome.LockLost;
        }
    }

    /// <summary>Gives a message back whose handler does not end.</summary>
    public Task GiveBackAsync(ServiceBusReceiver receiver, ServiceBusReceivedMessage message) =>
        AbandonAsync(receiver, message, properties: null, JobOutcome.GivenBack);

    private async Task<JobOutcome> AbandonAsync(
        ServiceBusReceiver receiver, ServiceBusReceivedMessage message, Dictionary<string, object>? properties, JobOutcome outcome)
    {
        try
        {
            await receiver.AbandonMessageAsync(message, properties, CancellationToken.None);
            return outcome;
        }
        catch (Exception e)
        {
            logger.SettleFailed(e, message.MessageId);
            return JobOutcome.LockLost;
        }
    }

    private async Task<JobOutcome> DeadLetterAsync(ServiceBusReceiver receiver, ServiceBusReceivedMessage message, JobRejectedException rejection)
    {
        logger.DeadLettered(message.MessageId, rejection.Reason, rejection.Message);
        try
        {
            await receiver.DeadLetterMessageAsync(
                message, Trail(rejection), Shortened(rejection.Reason), Shortened(rejection.Message), CancellationToken.None);
            return JobOutcome.DeadLettered;
        }
        catch (Exception e)
        {
            logger.SettleFailed(e, message.MessageId);
            return JobOutcome.LockLost;
        }
    }

    // What a dead letter shows of its last attempt: MaxDeliveryCountExceeded alone explains nothing.
    private Dictionary<string, object> Trail(Exception error) => new()
    {
        [JobProperties.LastError] = Shortened(error.Message),
        [JobProperties.LastErrorType] = error.GetType().FullName ?? error.GetType().Name,
        [JobProperties.LastExecution] = identity.Execution,
    };

    private static string Shortened(string text) => text.Length <= MaxErrorLength ? text : text[..MaxErrorLength];
}
