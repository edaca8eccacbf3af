using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Jobs.Hosting;

/// <summary>
/// The connection that results go out on. Another thread opens it while the host is still being built: an execution of one message spends
/// most of its time on these two, and neither needs the other. Nothing is received before the host has started.
/// </summary>
internal sealed class EarlyConnection : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly Task<(ServiceBusClient Client, ServiceBusSender? Sender)> _created;
    private readonly Task<Exception?> _opened;

    /// <param name="client">Creates the client, or gets the one that the namespace has already.</param>
    /// <param name="entity">The queue that results go to. Null if none is known: then only the client is created.</param>
    public EarlyConnection(Func<ServiceBusClient> client, string? entity)
    {
        var ending = _ending.Token;
        _created = Task.Run(
            () =>
            {
                var created = client();
                return (created, entity is null ? null : created.CreateSender(entity));
            },
            ending);
        _opened = OpenAsync(ending);
    }

    /// <summary>The client.</summary>
    /// <exception cref="QueueJobConfigurationException">The connection string cannot be used.</exception>
    public ServiceBusClient Client => _created.GetAwaiter().GetResult().Client;

    /// <summary>The sender to the queue that results go to; it is open, or about to be. Null if that queue is not known.</summary>
    public ServiceBusSender? Sender => _created.GetAwaiter().GetResult().Sender;

    /// <summary>Says why the connection could not be opened early. That is no fault yet: sending the first result opens it again.</summary>
    public async Task ReportAsync(ILogger logger)
    {
        if (await _opened.ConfigureAwait(false) is { } failure)
        {
            logger.NotOpenedEarly(failure);
        }
    }

    /// <summary>
    /// Stops opening, and returns as soon as no client can be created anymore: its owner can dispose it then. It does not wait for a
    /// handshake that is under way, which the client's library ends only when the other side answers or after its time-out.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await ((Task)_created).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <returns>
    /// Why the connection could not be opened. It is returned and not thrown because nobody asks for it in a host that never starts.
    /// </returns>
    private async Task<Exception?> OpenAsync(CancellationToken ending)
    {
        try
        {
            // Whoever waits for the client goes on meanwhile.
            if ((await _created.ConfigureAwait(false)).Sender is { } sender)
            {
                // The client has no method that only opens: a batch asks the open link how large a message may be.
                using var batch = await sender.CreateMessageBatchAsync(ending).ConfigureAwait(false);
            }

            return null;
        }
        catch (Exception e)
        {
            return ending.IsCancellationRequested ? null : e;
        }
    }
}
