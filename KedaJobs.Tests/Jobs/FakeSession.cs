using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

namespace KedaJobs.Tests.Jobs;

/// <summary>The receiver of a session. It gives its messages in order, an abandoned one again, and writes down what it is asked.</summary>
internal sealed class FakeSession(string id, DateTimeOffset? lockedUntil = null) : ServiceBusSessionReceiver
{
    private readonly LinkedList<ServiceBusReceivedMessage> _messages = [];
    private bool _isClosed;

    public override string SessionId => id;

    public override string EntityPath => "jobs";

    public override DateTimeOffset SessionLockedUntil { get; } = lockedUntil ?? DateTimeOffset.MaxValue;

    public override bool IsClosed => _isClosed;

    /// <summary>What happened: "renew", "complete", "abandon", "close".</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Thrown by the call of that name; "receive" among them.</summary>
    public Dictionary<string, Exception> Failures { get; } = [];

    public FakeSession Give(params string[] bodies)
    {
        foreach (var body in bodies)
        {
            _messages.AddLast(FakeQueue.Message(body));
        }

        return this;
    }

    public override async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveMessagesAsync(
        int maxMessages, TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default)
    {
        if (Failures.TryGetValue("receive", out var failure))
        {
            throw failure;
        }

        if (_messages.First is { } first)
        {
            _messages.RemoveFirst();
            return [first.Value];
        }

        await Task.Delay(maxWaitTime ?? Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        return [];
    }

    public override Task RenewSessionLockAsync(CancellationToken cancellationToken = default) => Note("renew");

    public override Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        Note("complete");

    public override Task AbandonMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object>? propertiesToModify = null,
        CancellationToken cancellationToken = default)
    {
        _messages.AddFirst(message);
        return Note("abandon");
    }

    public override Task CloseAsync(CancellationToken cancellationToken = default)
    {
        _isClosed = true;
        return Note("close");
    }

    private Task Note(string call)
    {
        Calls.Enqueue(call);
        return Failures.TryGetValue(call, out var failure) ? Task.FromException(failure) : Task.CompletedTask;
    }
}
