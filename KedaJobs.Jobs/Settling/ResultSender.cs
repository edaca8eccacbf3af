using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using KedaJobs.Jobs.Handling;
using KedaJobs.Jobs.Hosting;

namespace KedaJobs.Jobs.Settling;

/// <summary>Sends results to the queues that messages name in ReplyTo.</summary>
internal sealed class ResultSender : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ServiceBusSender> _senders = new(StringComparer.OrdinalIgnoreCase);
    private readonly ServiceBusClient _client;
    private readonly ExecutionIdentity _identity;
    private readonly TimeProvider _time;

    /// <param name="client">A client of the namespace that results go to. Its owner is the service container.</param>
    /// <param name="opened">A sender that exists already; this object disposes it.</param>
    /// <param name="identity">The execution.</param>
    /// <param name="time">The clock.</param>
    public ResultSender(ServiceBusClient client, ServiceBusSender? opened, ExecutionIdentity identity, TimeProvider time)
    {
        (_client, _identity, _time) = (client, identity, time);
        if (opened is not null)
        {
            _senders[opened.EntityPath] = opened;
        }
    }

    /// <exception cref="JobRejectedException">No later attempt could send this result either.</exception>
    public async Task SendAsync(
        ServiceBusReceivedMessage message, string task, JobContext job, byte[] output, TimeSpan duration,
        CancellationToken cancellationToken)
    {
        var reply = new ServiceBusMessage(Body(task, job, output, duration))
        {
            // The same for every attempt, so that a results queue with duplicate detection shows redelivered work once.
            MessageId = job.Id,
            CorrelationId = job.Id,
            Subject = task,
            ContentType = "application/json",
            SessionId = message.ReplyToSessionId,
        };
        try
        {
            await _senders.GetOrAdd(message.ReplyTo, _client.CreateSender).SendMessageAsync(reply, cancellationToken).ConfigureAwait(false);
        }
        catch (ServiceBusException e) when (e.Reason == ServiceBusFailureReason.MessagingEntityNotFound)
        {
            throw new JobRejectedException(
                "ReplyToNotFound",
                $"The work was done, but the queue for its result, '{message.ReplyTo}', "
                    + $"does not exist in {_client.FullyQualifiedNamespace}.");
        }
        catch (InvalidOperationException e) when (e is not ObjectDisposedException)
        {
            // Not allowed, and never will be: most often a result without a session for a queue that requires them.
            throw new JobRejectedException(
                "ResultRefused",
                $"The work was done, but '{message.ReplyTo}' refused its result: {e.Message}"
                + (reply.SessionId is null ? " A queue that requires sessions takes results of messages that set ReplyToSessionId." : ""));
        }
        catch (ServiceBusException e) when (e.Reason == ServiceBusFailureReason.MessageSizeExceeded)
        {
            throw new JobRejectedException(
                "ResultTooLarge", $"The work was done, but its result is larger than a message may be: {e.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sender in _senders.Values)
        {
            await sender.DisposeAsync().ConfigureAwait(false);
        }
    }

    private byte[] Body(string task, JobContext job, byte[] output, TimeSpan duration) => JobHandlers.Json(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("id", job.Id);
        writer.WriteString("task", task);
        writer.WritePropertyName("output");
        writer.WriteRawValue(output, skipInputValidation: true);
        writer.WriteString("execution", _identity.Execution);
        writer.WriteNumber("attempt", job.Attempt);
        writer.WriteNumber("durationMs", Math.Round(duration.TotalMilliseconds, 3));
        writer.WriteString("finishedAt", _time.GetUtcNow());
        writer.WriteEndObject();
    });
}
