using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Jobs.Hosting;

/// <summary>
/// The connection that results go out on. Another thread opens it while the host is still being built: an execution of one message spends
/// most of its time on these two, and neither needs the other. Nothing is received before the host has started.
/// </summary>
internal sealed class EarlyConnection
{
    private readonly Task<Opening> _opening;

    /// <param name="client">Creates the client, or gets the one that the namespace has already.</param>
    /// <param name="entity">The queue that results go to. Null if none is known: then only the client is created.</param>
    public EarlyConnection(Func<ServiceBusClient> client, string? entity) => _opening = Task.Run(() =>
    {
        var created = client();
        var sender = entity is null ? null : created.CreateSender(entity);
        return new Opening(created, sender, sender is null ? Task.CompletedTask : OpenAsync(sender));
    });

    /// <summary>The client.</summary>
    /// <exception cref="QueueJobConfigurationException">The connection string cannot be used.</exception>
    public ServiceBusClient Client => _opening.GetAwaiter().GetResult().Client;

    /// <summary>The sender to the queue that results go to; it is open, or about to be. Null if that queue is not known.</summary>
    public ServiceBusSender? Sender => _opening.GetAwaiter().GetResult().Sender;

    /// <summary>Says why the connection could not be opened early. That is no fault yet: sending the first result opens it again.</summary>
    public async Task ReportAsync(ILogger logger)
    {
        try
        {
            await (await _opening.ConfigureAwait(false)).Opened.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            logger.NotOpenedEarly(e);
        }
    }

    private static async Task OpenAsync(ServiceBusSender sender)
    {
        // The client has no method that only opens: a batch asks the open link how large a message may be.
        using var batch = await sender.CreateMessageBatchAsync().ConfigureAwait(false);
    }

    private sealed record Opening(ServiceBusClient Client, ServiceBusSender? Sender, Task Opened);
}
