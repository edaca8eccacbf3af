using System.Collections.Concurrent;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;
using KedaJobs.ServiceDefaults;
using KedaJobs.Worker.Handlers;

namespace KedaJobs.Worker;

/// <summary>Sends results to the queues that messages name as their ReplyTo, in the namespace of the connection "results".</summary>
internal sealed class ResultSender(
    [FromKeyedServices(ConnectionNames.Results)] ServiceBusQueue results, ExecutionIdentity identity, TimeProvider time) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ServiceBusSender> _senders = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="JobRejectedException">No later attempt could send this result either.</exception>
    public async Task SendAsync(ServiceBusReceivedMessage message, JobResult result, CancellationToken cancellationToken)
    {
        var reply = new ServiceBusMessage(JsonSerializer.SerializeToUtf8Bytes(result, MessagesJsonContext.Default.JobResult))
        {
            // The same for every attempt, so that a results queue with duplicate detection shows redelivered work once.
            MessageId = result.Id,
            CorrelationId = result.Id,
            Subject = result.Task,
            ContentType = "application/json",
            SessionId = message.ReplyToSessionId,
        };
        try
        {
            await _senders.GetOrAdd(message.ReplyTo, results.Client.CreateSender).SendMessageAsync(reply, cancellationToken);
        }
        catch (ServiceBusException e) when (e.Reason == ServiceBusFailureReason.MessagingEntityNotFound)
        {
            throw new JobRejectedException(
                "ReplyToNotFound", $"The work was done, but the queue for its result, '{message.ReplyTo}', does not exist in {results.Client.FullyQualifiedNamespace}.");
        }
        catch (ServiceBusException e) when (e.Reason == ServiceBusFailureReason.MessageSizeExceeded)
        {
            throw new JobRejectedException("ResultTooLarge", $"The work was done, but its result is larger than a message may be: {e.Message}");
        }
    }

    public JobResult Result(JobMessage job, JobContext context, JsonElement output, TimeSpan duration) => new()
    {
        Id = context.Id,
        Task = job.Task,
        Output = output,
        Execution = identity.Execution,
        Attempt = context.Attempt,
        DurationMs = Math.Round(duration.TotalMilliseconds, 3),
        FinishedAt = time.GetUtcNow(),
    };

    public async ValueTask DisposeAsync()
    {
        foreach (var sender in _senders.Values)
        {
            await sender.DisposeAsync();
        }
    }
}
