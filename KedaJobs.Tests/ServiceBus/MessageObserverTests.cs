using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.ServiceBus;

/// <summary>What a program that hosts the broker hears of its messages.</summary>
public sealed class MessageObserverTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Recorder _recorder = new();
    private readonly FakeTimeProvider _time = new(Noon);
    private ServiceBusBroker? _broker;
    private ServiceBusClient? _client;

    public async Task InitializeAsync()
    {
        _broker = await ServiceBusBroker.StartAsync(
            new BrokerOptions
            {
                Queues =
                [
                    new QueueOptions { Name = "jobs", LockDuration = TimeSpan.FromMinutes(1) },
                    new QueueOptions { Name = "front", ForwardTo = "jobs" },
                ],
                Topics = [new TopicOptions { Name = "orders", Subscriptions = [new SubscriptionOptions { Name = "mail" }] }],
                Observer = _recorder,
            },
            timeProvider: _time);
        _client = new(_broker.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        await _client!.DisposeAsync();
        await _broker!.DisposeAsync();
    }

    [Fact]
    public async Task Sent_locked_and_completed_with_their_times_and_abandoned_ones_locked_again()
    {
        await SendAsync("jobs", new ServiceBusMessage("a"));
        _time.Advance(TimeSpan.FromSeconds(5));
        await using var receiver = _client!.CreateReceiver("jobs");
        await receiver.AbandonMessageAsync(await ReceiveAsync(receiver));
        _time.Advance(TimeSpan.FromSeconds(2));
        var message = await ReceiveAsync(receiver);
        _time.Advance(TimeSpan.FromSeconds(3));
        await receiver.CompleteMessageAsync(message);

        Assert.Equal(["jobs enqueued at 0", "jobs 1 locked at 5", "jobs 1 locked at 7", "jobs 1 completed at 10"], _recorder.Lines);
        Assert.All(_recorder.Sizes, size => Assert.InRange(size, 1, 1_000));
    }

    [Fact]
    public async Task Dead_letters_are_not_heard_of_and_receive_and_delete_locks_nothing()
    {
        await SendAsync("jobs", new("a"), new("b"));
        await using (var receiver = _client!.CreateReceiver("jobs"))
        {
            await receiver.DeadLetterMessageAsync(await ReceiveAsync(receiver));
        }

        await using var deleting = _client.CreateReceiver(
            "jobs", new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });
        await ReceiveAsync(deleting);
        await using var letters = _client.CreateReceiver("jobs", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        await letters.CompleteMessageAsync(await ReceiveAsync(letters));

        Assert.Equal(["jobs enqueued at 0", "jobs enqueued at 0", "jobs 1 locked at 0"], _recorder.Lines);
    }

    [Fact]
    public async Task Scheduled_forwarded_and_published_messages_arrive_where_and_when_they_become_active()
    {
        await using (var sender = _client!.CreateSender("jobs"))
        {
            await sender.ScheduleMessageAsync(new("later"), Noon.AddMinutes(10));
        }

        Assert.Empty(_recorder.Lines);
        _time.Advance(TimeSpan.FromMinutes(10));
        await Eventually.SucceedsAsync("the scheduled message is due", () => Assert.Equal(["jobs enqueued at 600"], _recorder.Lines));
        await SendAsync("front", new ServiceBusMessage("forwarded"));
        await SendAsync("orders", new ServiceBusMessage("published"));

        await Eventually.SucceedsAsync("the messages arrive", () => Assert.Equal(
            ["front enqueued at 600", "jobs enqueued at 600", "jobs enqueued at 600", "orders/Subscriptions/mail enqueued at 600"],
            _recorder.Lines.Order()));
    }

    private async Task SendAsync(string entity, params ServiceBusMessage[] messages)
    {
        await using var sender = _client!.CreateSender(entity);
        await sender.SendMessagesAsync(messages);
    }

    private static Task<ServiceBusReceivedMessage> ReceiveAsync(ServiceBusReceiver receiver) =>
        Eventually.InTimeAsync("a message", receiver.ReceiveMessageAsync(Eventually.DefaultDeadline));

    private sealed class Recorder : IMessageObserver
    {
        private readonly ConcurrentQueue<string> _lines = [];
        private readonly ConcurrentQueue<long> _sizes = [];

        public IReadOnlyList<string> Lines => [.. _lines];

        public IReadOnlyList<long> Sizes => [.. _sizes];

        public void Enqueued(string entity, DateTimeOffset time, long size)
        {
            _lines.Enqueue($"{entity} enqueued at {Seconds(time)}");
            _sizes.Enqueue(size);
        }

        public void Locked(string entity, long sequenceNumber, DateTimeOffset time) =>
            _lines.Enqueue($"{entity} {sequenceNumber} locked at {Seconds(time)}");

        public void Completed(string entity, long sequenceNumber, DateTimeOffset time) =>
            _lines.Enqueue($"{entity} {sequenceNumber} completed at {Seconds(time)}");

        private static double Seconds(DateTimeOffset time) => (time - Noon).TotalSeconds;
    }
}
