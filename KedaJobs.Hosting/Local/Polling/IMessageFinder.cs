using Azure.Messaging.ServiceBus;

namespace KedaJobs.Hosting.Local.Polling;

/// <summary>Where a message is.</summary>
/// <param name="IsInQueue">Whether it is in the queue: active, locked, scheduled or deferred.</param>
/// <param name="DeadLetter">The message in the dead-letter queue, or null.</param>
internal sealed record MessagePlace(bool IsInQueue, ServiceBusReceivedMessage? DeadLetter);

/// <summary>Finds a message by its id.</summary>
internal interface IMessageFinder
{
    /// <summary>Peeks until the message is found or the end is reached.</summary>
    Task<MessagePlace> FindAsync(string messageId, CancellationToken cancellationToken);
}
