using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Jobs.Hosting;

/// <summary>
/// The connection that results go out on. Another thread opens it while the host is still being built: an execution of one message spends
/// most of its time on these two, and neither needs the other. Nothing is received before the host has started.
/// </summary>
internal sealed class EarlyConnection
{
    private readonly Task<(ServiceBusClient Client, ServiceBusSender? Sender)> _created;
    private readonly Task _opened;

    /// <param name="client">Creates the client, or gets the one that the namespace has already.</param>
    /// <param name="entity">The queue that results go to. Null if none is known: then only the client is created.</param>
    public EarlyConnection(Func<ServiceBusClient> client, string? entity)
    {
        _created = Task.Run(() =>
        {
            var created = client();
            return (created, entity is null ? null : created.CreateSender(entity));
        });
        _opened = OpenAsync();
    }

    /// <summary>The client.</summary>
    /// <exception cref="QueueJobConfigurationException">The connection string cannot be used.</exception>
    public ServiceBusClient Client => _created.GetAwaiter().GetResult().Client;

    /// <summary>The sender to the queue that results go to; it is open, or about to be. Null if that queue is not known.</summary>
    public ServiceBusSender? Sender => _created.GetAwaiter().GetResult().Sender;

    /// <summary>Says why the connection could not be opened early. That is no fault yet: sending the first result opens it again.</summary>
    public async Task ReportAsync(ILogger logger)
    {
        try
        {
            await _opened.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            logger.NotOpenedEarly(e);
        }
    }

    private async Task OpenAsync()
    {
        // Whoever waits for the client goes on meanwhile.
        if ((await _created.ConfigureAwait(false)).Sender is { } sender)
        {
            // The client has no method that only opens: a batch asks the open link how large a message may be.
            using var batch = await sender.CreateMessageBatchAsync().ConfigureAwait(false);
        }
    }
}
