using Azure.Messaging.ServiceBus;

namespace KedaJobs.Jobs;

/// <summary>What a handler can know about a message besides its input.</summary>
/// <param name="Id">The job's id: the same on every attempt, so it can serve as the key of work that must not be repeated.</param>
/// <param name="Attempt">The number of this attempt, counted from 1.</param>
public sealed record JobContext(string Id, int Attempt)
{
    /// <summary>When the message entered the queue for the first time (UTC). Null if the broker didn't say.</summary>
    public DateTimeOffset? FirstEnqueuedTime { get; init; }

    /// <summary>The message as it was received. Don't settle it: the library does. Null only in a handler's own tests.</summary>
    public ServiceBusReceivedMessage? Message { get; init; }
}
