using System.Collections.Concurrent;
using System.Transactions;
using Azure.Messaging.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.ServiceBus;

/// <summary>
/// Clients that send and receive until their broker is killed, and what they may expect of the next one. Shared by all rounds, so that a
/// message of one round is looked for in all later ones.
/// </summary>
internal sealed class KillLoad
{
    public const string Queue = "load";

    /// <summary>Messages are only ever moved from the one to the other, each move in a transaction.</summary>
    public const string Inbox = "inbox", Outbox = "outbox";

    private readonly ConcurrentDictionary<string, byte> _accepted = new();
    private readonly ConcurrentDictionary<string, byte> _completing = new();
    private readonly ConcurrentDictionary<string, byte> _completed = new();
    private readonly ConcurrentDictionary<string, byte> _deadLettering = new();
    private readonly ConcurrentDictionary<string, byte> _deadLettered = new();
    private readonly ConcurrentDictionary<string, byte> _arrived = new();
    private readonly ConcurrentDictionary<string, byte> _moved = new();
    private readonly ConcurrentDictionary<(string Queue, long Number), string> _numbers = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private TaskCompletionSource _enough = new();
    private int _wanted;
    private int _acceptedInRound;
    private int _lastId;

    /// <summary>What was wrong so far.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    public int Accepted => _accepted.Count;

    public int Completed => _completed.Count;

    public int DeadLettered => _deadLettered.Count;

    public int Moved => _moved.Count;

    /// <summary>Waits until as many messages were accepted in this round as it said, or a client failed.</summary>
    public async Task HasEnoughAsync() => await _enough.Task.WaitAsync(Eventually.DefaultDeadline);

    /// <summary>Ends when the broker is gone.</summary>
    /// <param name="connectionString">The broker.</param>
    /// <param name="seed">What the clients do.</param>
    /// <param name="wanted">How many accepted messages are enough for this round.</param>
    /// <param name="dying">From now on clients may fail.</param>
    /// <param name="killed">The broker is gone: nobody needs to wait for its answers.</param>
    public async Task RunAsync(string connectionString, int seed, int wanted, CancellationToken dying, CancellationToken killed)
    {
        (_enough, _wanted, _acceptedInRound) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), wanted, 0);
        await using var client = NewClient(connectionString);
        await Task.WhenAll(
            UntilDyingAsync(() => SendAsync(client, new Random(seed), dying, killed), dying),
            UntilDyingAsync(() => SendAsync(client, new Random(seed + 1), dying, killed), dying),
            UntilDyingAsync(() => ReceiveAsync(client, new Random(seed + 2), dying, killed), dying),
            UntilDyingAsync(() => ReceiveAsync(client, new Random(seed + 3), dying, killed), dying),
            UntilDyingAsync(() => FillInboxAsync(client, new Random(seed + 4), dying, killed), dying),
            UntilDyingAsync(() => MoveAsync(connectionString, new Random(seed + 5), dying, killed), dying),
            UntilDyingAsync(() => MoveAsync(connectionString, new Random(seed + 6), dying, killed), dying));
    }

    /// <summary>Receives what is left of the moves and says what is wrong: each message must be in exactly one of the two queues.</summary>
    /// <returns>How many messages were in each.</returns>
    public async Task<(int Inbox, int Outbox)> DrainMovesAsync(string connectionString)
    {
        await using var client = NewClient(connectionString);
        var inbox = await DrainAsync(client.CreateReceiver(Inbox), CheckNotMoved);
        var outbox = await DrainAsync(client.CreateReceiver(Outbox), (_, _) => { });
        foreach (var id in inbox.Intersect(outbox))
        {
            _faults.Enqueue($"{id} was moved by half: it is in both queues");
        }

        foreach (var id in _arrived.Keys.Where(id => !inbox.Contains(id) && !outbox.Contains(id)))
        {
            _faults.Enqueue($"{id} was moved by half: it is in neither queue");
        }

        foreach (var id in _moved.Keys.Where(id => !outbox.Contains(id)))
        {
            _faults.Enqueue($"{id} was moved and is lost");
        }

        return (inbox.Count, outbox.Count);
    }

    /// <summary>Receives everything that is left and says what is missing.</summary>
    /// <returns>How many messages were left in the queue, and how many among its dead letters.</returns>
    public async Task<(int Active, int Dead)> DrainAsync(string connectionString)
    {
        await using var client = NewClient(connectionString);
        var active = await DrainAsync(client.CreateReceiver(Queue), (id, _) => CheckNotSettled(id));
        var dead = await DrainAsync(
            client.CreateReceiver(Queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter }),
            (id, reason) =>
            {
                if (!_deadLettering.ContainsKey(id) || reason != "test")
                {
                    _faults.Enqueue($"{id} is a dead letter for '{reason}'");
                }
            });
        var left = active.Concat(dead).ToHashSet();
        foreach (var id in _accepted.Keys.Where(id => !_completing.ContainsKey(id) && !left.Contains(id)))
        {
            _faults.Enqueue($"{id} was accepted and is lost");
        }

        foreach (var id in _deadLettered.Keys.Where(id => !dead.Contains(id)))
        {
            _faults.Enqueue($"{id} was dead-lettered and is lost");
        }

        return (active.Count, dead.Count);
    }

    private static ServiceBusClient NewClient(string connectionString) => new(
        connectionString,
        new ServiceBusClientOptions { RetryOptions = { MaxRetries = 0, TryTimeout = TimeSpan.FromSeconds(20) } });

    private async Task UntilDyingAsync(Func<Task> work, CancellationToken dying)
    {
        try
        {
            await work();
        }
        catch (Exception) when (dying.IsCancellationRequested)
        {
            // Whatever was under way: nobody knows how it ended, and nothing is expected of it.
        }
        catch (Exception failure)
        {
            _faults.Enqueue($"a client failed though its broker lived: {failure.Message}");

            // Nobody need wait for more: the round has its verdict.
            _enough.TrySetResult();
        }
    }

    private async Task SendAsync(ServiceBusClient client, Random random, CancellationToken dying, CancellationToken killed)
    {
        var sender = client.CreateSender(Queue);
        while (!dying.IsCancellationRequested)
        {
            var ids = Enumerable.Range(0, random.Next(1, 20)).Select(_ => $"{Interlocked.Increment(ref _lastId)}").ToList();
            var body = new byte[random.Next(2000)];
            var messages = ids.Select(id => new ServiceBusMessage(body) { MessageId = id }).ToList();
            if (random.Next(2) == 0)
            {
                await sender.SendMessagesAsync(messages, killed);
            }
            else
            {
                await Task.WhenAll(messages.Select(message => sender.SendMessageAsync(message, killed)));
            }

            ids.ForEach(id => _accepted.TryAdd(id, 0));
            if (Interlocked.Add(ref _acceptedInRound, ids.Count) >= _wanted)
            {
                _enough.TrySetResult();
            }
        }
    }

    private async Task ReceiveAsync(ServiceBusClient client, Random random, CancellationToken dying, CancellationToken killed)
    {
        var receiver = client.CreateReceiver(Queue, new ServiceBusReceiverOptions { PrefetchCount = random.Next(2) * 20 });
        while (!dying.IsCancellationRequested)
        {
            foreach (var message in await receiver.ReceiveMessagesAsync(20, TimeSpan.FromSeconds(1), killed))
            {
                CheckNotSettled(message.MessageId);
                CheckNumber(receiver, message);
                await SettleAsync(receiver, message, random.Next(10), killed);
            }
        }
    }

    private async Task FillInboxAsync(ServiceBusClient client, Random random, CancellationToken dying, CancellationToken killed)
    {
        var sender = client.CreateSender(Inbox);
        while (!dying.IsCancellationRequested)
        {
            var ids = Enumerable.Range(0, random.Next(1, 20)).Select(_ => $"{Interlocked.Increment(ref _lastId)}").ToList();
            await sender.SendMessagesAsync(ids.Select(id => new ServiceBusMessage(new byte[random.Next(1000)]) { MessageId = id }), killed);
            ids.ForEach(id => _arrived.TryAdd(id, 0));
        }
    }

    /// <summary>
    /// Moves messages, several in one transaction: completed here and sent there. Some transactions are left open, some rolled back.
    /// </summary>
    private async Task MoveAsync(string connectionString, Random random, CancellationToken dying, CancellationToken killed)
    {
        await using var client = new ServiceBusClient(
            connectionString,
            new ServiceBusClientOptions
            {
                EnableCrossEntityTransactions = true,
                RetryOptions = { MaxRetries = 0, TryTimeout = TimeSpan.FromSeconds(20) },
            });
        var (receiver, sender) = (client.CreateReceiver(Inbox), client.CreateSender(Outbox));
        while (!dying.IsCancellationRequested)
        {
            var messages = await receiver.ReceiveMessagesAsync(random.Next(1, 5), TimeSpan.FromSeconds(1), killed);
            if (messages.Count == 0)
            {
                continue;
            }

            using var transaction = new CommittableTransaction();
            using (var scope = new TransactionScope(transaction, TransactionScopeAsyncFlowOption.Enabled))
            {
                foreach (var message in messages)
                {
                    CheckNotMoved(message.MessageId, "");
                    await receiver.CompleteMessageAsync(message, killed);
                    await sender.SendMessageAsync(new ServiceBusMessage(message.Body) { MessageId = message.MessageId }, killed);
                }

                scope.Complete();
            }

            if (random.Next(4) == 0)
            {
                transaction.Rollback();
                continue;
            }

            await Task.Factory.FromAsync(transaction.BeginCommit, transaction.EndCommit, null);
            foreach (var message in messages)
            {
                _moved.TryAdd(message.MessageId, 0);
            }
        }
    }

    private void CheckNotMoved(string id, string _)
    {
        if (_moved.ContainsKey(id))
        {
            _faults.Enqueue($"{id} was moved and came back");
        }
    }

    private async Task SettleAsync(ServiceBusReceiver receiver, ServiceBusReceivedMessage message, int choice, CancellationToken killed)
    {
        switch (choice)
        {
            case 0:
                await receiver.AbandonMessageAsync(message, cancellationToken: killed);
                break;
            case 1:
                _deadLettering.TryAdd(message.MessageId, 0);
                await receiver.DeadLetterMessageAsync(message, "test", cancellationToken: killed);
                _deadLettered.TryAdd(message.MessageId, 0);
                break;
            case 2:
                // Left locked: it comes again after the kill.
                break;
            default:
                _completing.TryAdd(message.MessageId, 0);
                await receiver.CompleteMessageAsync(message, killed);
                _completed.TryAdd(message.MessageId, 0);
                break;
        }
    }

    private async Task<HashSet<string>> DrainAsync(ServiceBusReceiver receiver, Action<string, string> check)
    {
        var ids = new HashSet<string>();
        while (await receiver.ReceiveMessagesAsync(500, TimeSpan.FromSeconds(1)) is { Count: > 0 } messages)
        {
            foreach (var message in messages)
            {
                check(message.MessageId, message.DeadLetterReason);
                CheckNumber(receiver, message);
                if (!ids.Add(message.MessageId))
                {
                    _faults.Enqueue($"{message.MessageId} is there twice");
                }
            }

            await Task.WhenAll(messages.Select(message => receiver.CompleteMessageAsync(message)));
        }

        return ids;
    }

    private void CheckNotSettled(string id)
    {
        if (_completed.ContainsKey(id) || _deadLettered.ContainsKey(id))
        {
            _faults.Enqueue($"{id} was settled and came back");
        }
    }

    private void CheckNumber(ServiceBusReceiver receiver, ServiceBusReceivedMessage message)
    {
        if (_numbers.GetOrAdd((receiver.EntityPath.Split('/')[0], message.SequenceNumber), message.MessageId) is var known
            && known != message.MessageId)
        {
            _faults.Enqueue($"number {message.SequenceNumber} was given to {known} and to {message.MessageId}");
        }
    }
}
