using Azure.Messaging.ServiceBus;

namespace KedaJobs.Jobs.Receiving;

/// <summary>The queue or subscription that a job's messages come from.</summary>
/// <param name="Client">A client of its namespace. Its owner is the service container.</param>
/// <param name="Name">The queue's name, or the topic's.</param>
/// <param name="Subscription">The subscription's name; null for a queue.</param>
internal sealed record JobQueue(ServiceBusClient Client, string Name, string? Subscription = null)
{
    public string Path => Subscription is null ? Name : $"{Name}/Subscriptions/{Subscription}";

    public ServiceBusReceiver CreateReceiver(ServiceBusReceiverOptions options) =>
        Subscription is null ? Client.CreateReceiver(Name, options) : Client.CreateReceiver(Name, Subscription, options);

    public Task<ServiceBusSessionReceiver> AcceptNextSessionAsync(
        ServiceBusSessionReceiverOptions options, CancellationToken cancellationToken) =>
        Subscription is null
            ? Client.AcceptNextSessionAsync(Name, options, cancellationToken)
            : Client.AcceptNextSessionAsync(Name, Subscription, options, cancellationToken);
}
