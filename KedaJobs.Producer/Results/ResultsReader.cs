using System.Text.Json;
using System.Transactions;
using Azure.Messaging.ServiceBus;
using KedaJobs.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace KedaJobs.Producer.Results;

/// <summary>Reads the results queue: shows results, or takes them off the queue.</summary>
internal sealed class ResultsReader(
    [FromKeyedServices(ConnectionNames.Results)] ServiceBusQueue results,
    IOptions<ProducerOptions> options,
    TimeProvider time,
    ILogger<ResultsReader> logger) : IAsyncDisposable
{
    /// <summary>How long one receive waits at most: a caller who has gone away is noticed after it.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);

    /// <summary>After the first results, how long to wait for more.</summary>
    private static readonly TimeSpan MoreWait = TimeSpan.FromMilliseconds(100);

    /// <summary>How many results are returned at the same time. Each is a transaction of its own.</summary>
    private static readonly ParallelOptions Returns = new() { MaxDegreeOfParallelism = 16 };

    // One receiver for all requests, and one receive at a time: a receive that times out takes the
    // link's credit back, which others would need.
    private readonly ServiceBusReceiver _receiver = results.Client.CreateReceiver(results.Name);
    private readonly ServiceBusSender _sender = results.Client.CreateSender(results.Name);
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>Shows the oldest results. They stay in the queue.</summary>
    public async Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekAsync(int max, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Value.BrokerDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var peeked = new List<ServiceBusReceivedMessage>();
        for (long next = 0; peeked.Count < max;)
        {
            var messages = await _receiver.PeekMessagesAsync(max - peeked.Count, next, either.Token);
            if (messages.Count == 0)
            {
                break;
            }

            peeked.AddRange(messages.Where(IsResult));
            next = messages[^1].SequenceNumber + 1;
        }

        return peeked;
    }

    /// <summary>
    /// Locks up to <paramref name="max"/> results. Each must be given to <see cref="CompleteAsync"/> or <see cref="ReturnAsync"/>.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller has gone away. What was locked is back in the queue.</exception>
    public async Task<IReadOnlyList<ServiceBusReceivedMessage>> LockAsync(int max, CancellationToken cancellationToken)
    {
        var locked = new List<ServiceBusReceivedMessage>();
        var start = time.GetTimestamp();
        try
        {
            while (locked.Count < max)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var left = options.Value.ResultsWait - time.GetElapsedTime(start);
                var wait = locked.Count > 0 ? MoreWait : left < Step ? left : Step;
                var messages = wait > TimeSpan.Zero ? await ReceiveAsync(max - locked.Count, wait) : [];
                foreach (var message in messages)
                {
                    await KeepAsync(message, locked);
                }

                if (messages.Count == 0 && (locked.Count > 0 || wait >= left))
                {
                    break;
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await ReturnAsync(locked);
            throw;
        }
        catch (Exception e) when (locked.Count > 0)
        {
            // What is locked can be handed out all the same; the next call sees whether the failure lasts.
            logger.ReceiveFailed(e, locked.Count);
        }

        return locked;
    }

    /// <summary>Takes results off the queue for good.</summary>
    public Task CompleteAsync(IEnumerable<ServiceBusReceivedMessage> messages) =>
        Task.WhenAll(messages.Select(message => SettleAsync(message, _receiver.CompleteMessageAsync(message, CancellationToken.None))));

    /// <summary>
    /// Returns results that nobody has got, without a delivery counted. Abandoning would count one, and after the queue's MaxDeliveryCount
    /// aborted calls a good result would be dead-lettered. So a copy takes its place in one transaction: there is always exactly one of it.
    /// </summary>
    public async Task ReturnAsync(IReadOnlyCollection<ServiceBusReceivedMessage> messages)
    {
        if (messages.Count == 0)
        {
            return;
        }

        logger.ResultsReturned(messages.Count);
        await Parallel.ForEachAsync(messages, Returns, async (message, _) =>
        {
            try
            {
                await ReplaceByCopyAsync(message);
            }
            catch (Exception e)
            {
                // Transactions need at least the Standard tier, and the right to send.
                logger.ReturnFailed(e, message.MessageId);
                await SettleAsync(message, _receiver.AbandonMessageAsync(message, cancellationToken: CancellationToken.None));
            }
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _sender.DisposeAsync();
        _gate.Dispose();
    }

    // Not cancelled when the caller goes away: what is on its way at that moment would be locked for nobody until
    // the lock expires, which counts a delivery.
    private async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveAsync(int max, TimeSpan wait)
    {
        using var deadline = new CancellationTokenSource(wait + options.Value.BrokerDeadline, time);
        await _gate.WaitAsync(deadline.Token);
        try
        {
            return await _receiver.ReceiveMessagesAsync(max, wait, deadline.Token);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task ReplaceByCopyAsync(ServiceBusReceivedMessage message)
    {
        using var transaction = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
        using var deadline = new CancellationTokenSource(options.Value.BrokerDeadline, time);
        await _sender.SendMessageAsync(MessageCopy.Of(message, "returned"), deadline.Token);
        await _receiver.CompleteMessageAsync(message, deadline.Token);
        transaction.Complete();
    }

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
