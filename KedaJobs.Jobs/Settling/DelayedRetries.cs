using System.Transactions;
using Azure.Messaging.ServiceBus;
using KedaJobs.Jobs.Receiving;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Jobs.Settling;

/// <summary>
/// Lets a failed message wait for its next attempt: as a scheduled message, which is neither locked nor active, so that waiting costs
/// nothing and starts no execution. The copy is sent and the original completed in one transaction: never both of them, never none.
/// </summary>
internal sealed class DelayedRetries : IAsyncDisposable
{
    /// <summary>Why retries of messages of a session are not delayed.</summary>
    public const string OrderOfSessions = "the queue requires sessions, and a copy that waits would lose its place in its session's order";

    /// <summary>Service Bus' limit.</summary>
    private const int MaxMessageIdLength = 128;

    /// <summary>
    /// The trace of the message, by the names of the Azure SDK and of W3C Trace Context. The client leaves them out of copies.
    /// </summary>
    private static readonly string[] TraceContext = ["Diagnostic-Id", "traceparent", "tracestate"];

    private readonly JobQueue _queue;
    private readonly bool? _duplicateDetection;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lazy<ServiceBusSender> _sender;
    private volatile bool _isRefused;

    public DelayedRetries(JobQueue queue, QueueJobOptions options, TimeProvider time, ILogger logger)
    {
        (_queue, _duplicateDetection, _time, _logger) = (queue, options.DuplicateDetection, time, logger);
        _sender = new(() => queue.Client.CreateSender(queue.Name));
        WhyNot = !options.DelayRetries ? "DelayRetries is false"
            : queue.Subscription is not null
                ? "a subscription cannot take a message back with a delay: a copy sent to the topic would reach its other subscriptions"
            : options.RequiresSession ? OrderOfSessions
            : options.DuplicateDetection == true ? "the queue has duplicate detection, which would drop the copy that waits"
            : null;
    }

    /// <summary>Why retries of this queue are not delayed, as far as it is known from the start; null if they are.</summary>
    public string? WhyNot { get; }

    /// <summary>Whether the copy of a message may wait in the queue. The order of a session's messages would be lost.</summary>
    public bool CanDelay(ServiceBusReceivedMessage message) => WhyNot is null && !_isRefused && string.IsNullOrEmpty(message.SessionId);

    /// <summary>Schedules a copy and completes the original, both or none.</summary>
    /// <param name="receiver">The receiver that holds the message's lock.</param>
    /// <param name="message">The message.</param>
    /// <param name="job">The attempt that failed.</param>
    /// <param name="trail">What the copy says about the failed attempt.</param>
    /// <param name="delay">How long the copy waits.</param>
    /// <returns>Whether it was done. If not, the message must be abandoned; why not is in the log.</returns>
    public async Task<bool> TryDelayAsync(
        ServiceBusReceiver receiver, ServiceBusReceivedMessage message, JobContext job, IReadOnlyDictionary<string, object> trail,
        TimeSpan delay)
    {
        try
        {
            var copy = Copy(message, job, trail, _time.GetUtcNow() + delay);
            using var transaction = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
            await _sender.Value.SendMessageAsync(copy, CancellationToken.None).ConfigureAwait(false);
            await receiver.CompleteMessageAsync(message, CancellationToken.None).ConfigureAwait(false);
            transaction.Complete();
        }
        catch (Exception e)
        {
            if (IsRefusal(e))
            {
                _isRefused = true;
                _logger.DelayRefused(e, _queue.Path);
            }
            else
            {
                _logger.DelayFailed(e, message.MessageId);
            }

            return false;
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_sender.IsValueCreated)
        {
            await _sender.Value.DisposeAsync().ConfigureAwait(false);
        }
    }

    internal ServiceBusMessage Copy(
        ServiceBusReceivedMessage message, JobContext job, IReadOnlyDictionary<string, object> trail, DateTimeOffset due)
    {
        var copy = new ServiceBusMessage(message) { ScheduledEnqueueTime = due };
        foreach (var name in TraceContext)
        {
            if (message.ApplicationProperties.TryGetValue(name, out var value))
            {
                copy.ApplicationProperties[name] = value;
            }
        }

        foreach (var (name, value) in trail)
        {
            copy.ApplicationProperties[name] = value;
        }

        copy.ApplicationProperties[JobProperties.Attempts] = job.Attempt;
        copy.ApplicationProperties[JobProperties.FirstEnqueuedTime] = job.FirstEnqueuedTime ?? message.EnqueuedTime;
        if (_duplicateDetection != false)
        {
            // It is unknown whether the queue remembers the MessageId: if it does, it would drop the copy, and the message would be lost.
            var suffix = $"~{job.Attempt + 1}";
            copy.ApplicationProperties[JobProperties.JobId] = job.Id;
            copy.MessageId = job.Id[..Math.Min(job.Id.Length, MaxMessageIdLength - suffix.Length)] + suffix;
        }

        // The message's own time to live has run since it was first enqueued. It may end while the copy waits, but not before.
        if (message.TimeToLive < TimeSpan.MaxValue && message.ExpiresAt < DateTimeOffset.MaxValue)
        {
            var left = message.ExpiresAt - due;
            copy.TimeToLive = left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1);
        }

        return copy;
    }

    // A broker without transactions, or an identity that may not send: the next message would meet the same.
    private static bool IsRefusal(Exception error) => error switch
    {
        ServiceBusException { IsTransient: true } => false,
        ServiceBusException { Reason: ServiceBusFailureReason.MessageLockLost or ServiceBusFailureReason.MessageNotFound } => false,
        ServiceBusException or UnauthorizedAccessException or NotSupportedException or InvalidOperationException or TransactionException =>
            true,
        _ => false,
    };
}
