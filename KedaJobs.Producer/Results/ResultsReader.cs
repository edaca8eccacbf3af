using System.Text.Json;
using Azure.Messaging.ServiceBus;
using KedaJobs.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace KedaJobs.Producer.Results;

/// <summary>Takes finished results off the results queue.</summary>
internal sealed class ResultsReader(
    [FromKeyedServices(ConnectionNames.Results)] ServiceBusQueue results,
    IOptions<ProducerOptions> options,
    TimeProvider time,
    ILogger<ResultsReader> logger) : IAsyncDisposable
{
    /// <summary>After the first results, how long to wait for more.</summary>
    private static readonly TimeSpan MoreWait = TimeSpan.FromMilliseconds(100);

    // One receiver for all requests, one request at a time: what arrives for a call that has ended is kept for the next and not locked for nobody.
    private readonly ServiceBusReceiver _receiver = results.Client.CreateReceiver(results.Name);
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>Locks up to <paramref name="max"/> results. Each must be given to <see cref="CompleteAsync"/> or <see cref="GiveBackAsync"/>.</summary>
    public async Task<IReadOnlyList<ServiceBusReceivedMessage>> LockAsync(int max, CancellationToken cancellationToken)
    {
        var locked = new List<ServiceBusReceivedMessage>();
        using var deadline = new CancellationTokenSource(options.Value.BrokerDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        await _gate.WaitAsync(either.Token);
        try
        {
            while (locked.Count < max)
            {
                var wait = locked.Count == 0 ? options.Value.ResultsWait : MoreWait;
                var messages = await _receiver.ReceiveMessagesAsync(max - locked.Count, wait, either.Token);
                if (messages.Count == 0)
                {
                    break;
                }

                foreach (var message in messages)
                {
                    await KeepAsync(message, locked);
                }
            }
        }
        catch (Exception) when (locked.Count > 0)
        {
            // What is locked can be handed out all the same; the next call sees whether the failure lasts.
        }
        finally
        {
            _gate.Release();
        }

        return locked;
    }

    public Task CompleteAsync(IEnumerable<ServiceBusReceivedMessage> messages) =>
        Task.WhenAll(messages.Select(message => SettleAsync(message, _receiver.CompleteMessageAsync(message, CancellationToken.None))));

    public async Task GiveBackAsync(IReadOnlyCollection<ServiceBusReceivedMessage> messages)
    {
        logger.ResultsGivenBack(messages.Count);
        await Task.WhenAll(messages.Select(
            message => SettleAsync(message, _receiver.AbandonMessageAsync(message, cancellationToken: CancellationToken.None))));
    }

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    private async Task KeepAsync(ServiceBusReceivedMessage message, List<ServiceBusReceivedMessage> locked)
    {
        // It lay in the receiver for longer than its lock: by now it is back in the queue.
        if (message.LockedUntil <= time.GetUtcNow())
        {
            return;
        }

        if (IsResult(message))
        {
            locked.Add(message);
            return;
        }

        logger.NoResult(message.MessageId);
        await SettleAsync(message, _receiver.DeadLetterMessageAsync(
            message, "NotAResult", "The body is not a JSON object with an id.", CancellationToken.None));
    }

    private static bool IsResult(ServiceBusReceivedMessage message)
    {
        try
        {
            using var body = JsonDocument.Parse(message.Body);
            return body.RootElement.ValueKind == JsonValueKind.Object && body.RootElement.TryGetProperty("id", out _);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return false;
        }
    }

    // A result whose completion fails is delivered again: twice is better than never.
    private async Task SettleAsync(ServiceBusReceivedMessage message, Task settlement)
    {
        try
        {
            await settlement;
        }
        catch (Exception e)
        {
            logger.SettleFailed(e, message.MessageId);
        }
    }
}
