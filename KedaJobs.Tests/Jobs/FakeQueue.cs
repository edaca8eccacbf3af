using System.Collections.Concurrent;
using System.Transactions;
using Azure.Messaging.ServiceBus;
using KedaJobs.Contracts;
using KedaJobs.Jobs.Receiving;

namespace KedaJobs.Tests.Jobs;

/// <summary>A receiver and the senders of its namespace that write down what they are asked, in one order.</summary>
internal sealed class FakeQueue : ServiceBusReceiver
{
    private readonly FakeClient _client;

    public FakeQueue() => _client = new FakeClient(this);

    public override string EntityPath => "jobs";

    /// <summary>What the queue gives, call by call; nothing when it is used up.</summary>
    public ConcurrentQueue<Func<IReadOnlyList<ServiceBusReceivedMessage>>> Gives { get; } = new();

    /// <summary>The sessions that are accepted, one after the other; after the last, whoever asks waits.</summary>
    public ConcurrentQueue<Func<CancellationToken, Task<ServiceBusSessionReceiver>>> Sessions { get; } = new();

    /// <summary>Done when the queue can be browsed.</summary>
    public Task Reached { get; set; } = Task.CompletedTask;

    /// <summary>What happened: "renew", "send", "complete", "abandon", "dead-letter".</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    public ConcurrentQueue<ServiceBusMessage> Sent { get; } = new();

    public IDictionary<string, object>? Properties { get; private set; }

    public string? Reason { get; private set; }

    public string? Description { get; private set; }

    /// <summary>Thrown by the call of that name.</summary>
    public Dictionary<string, Exception> Failures { get; } = [];

    /// <summary>The calls that were made inside a transaction.</summary>
    public ConcurrentQueue<string> Transacted { get; } = new();

    public ServiceBusClient Client => _client;

    public JobQueue Jobs => new(_client, "jobs");

    public static ServiceBusReceivedMessage Message(
        string body,
        string? replyTo = "results",
        int attempt = 1,
        DateTimeOffset? lockedUntil = null,
        Dictionary<string, object>? properties = null,
        string? subject = null,
        string? replyToSessionId = null) =>
        ServiceBusModelFactory.ServiceBusReceivedMessage(
            BinaryData.FromString(body),
            messageId: "job-1",
            replyTo: replyTo,
            replyToSessionId: replyToSessionId,
            subject: subject,
            deliveryCount: attempt,
            lockedUntil: lockedUntil ?? DateTimeOffset.MaxValue,
            properties: properties,
            lockTokenGuid: Guid.NewGuid());

    public static string Body<TInput, TOutput>(JobTask<TInput, TOutput> task, string input)
        where TInput : class
        where TOutput : class => $$"""{"task":"{{task.Name}}","input":{{input}}}""";

    public override Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveMessagesAsync(
        int maxMessages, TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(Gives.TryDequeue(out var give) ? give() : []);

    public override async Task<ServiceBusReceivedMessage> PeekMessageAsync(
        long? fromSequenceNumber = null, CancellationToken cancellationToken = default)
    {
        await Reached.WaitAsync(cancellationToken);
        return null!;
    }

    public override Task CloseAsync(CancellationToken cancellationToken = default) => Note("close");

    public override Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        Note("renew");

    public override Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        Note("complete");

    public override Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null,
        CancellationToken cancellationToken = default)
    {
        Properties = propertiesToModify;
        return Note("abandon");
    }

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object> propertiesToModify,
        string deadLetterReason,
        string? deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default)
    {
        (Properties, Reason, Description) = (propertiesToModify, deadLetterReason, deadLetterErrorDescription);
        return Note("dead-letter");
    }

    private Task Note(string call)
    {
        Calls.Enqueue(call);
        if (Transaction.Current is not null)
        {
            Transacted.Enqueue(call);
        }

        return Failures.TryGetValue(call, out var failure) ? Task.FromException(failure) : Task.CompletedTask;
    }

    private sealed class FakeClient(FakeQueue queue) : ServiceBusClient
    {
        public override string FullyQualifiedNamespace => "localhost";

        public override ServiceBusReceiver CreateReceiver(string queueName, ServiceBusReceiverOptions options) => queue;

        public override async Task<ServiceBusSessionReceiver> AcceptNextSessionAsync(
            string queueName, ServiceBusSessionReceiverOptions? options = null, CancellationToken cancellationToken = default)
        {
            if (queue.Sessions.TryDequeue(out var session))
            {
                return await session(cancellationToken);
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new InvalidOperationException("Nobody waits for ever.");
        }

        public override ServiceBusSender CreateSender(string queueOrTopicName) => new FakeSender(queue);
    }

    private sealed class FakeSender(FakeQueue queue) : ServiceBusSender
    {
        public override Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default)
        {
            queue.Sent.Enqueue(message);
            return queue.Note("send");
        }

        public override Task CloseAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
    }
}
