using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Transactions;
using Azure.Messaging.ServiceBus;
using KedaJobs.ServiceBus;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace KedaJobs.Tests.ServiceBus;

/// <summary>What the broker tells about its work: spans, metrics, and a line for what it refused.</summary>
public sealed class BrokerTelemetryTests : IAsyncLifetime
{
    private readonly string _queue = $"telemetry-{Guid.NewGuid():N}";
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly FakeLogCollector _log = FakeLogCollector.Create(new FakeLogCollectorOptions());
    private readonly ActivityListener _listener;
    private ServiceBusBroker _broker = null!;
    private ServiceBusClient _client = null!;

    public BrokerTelemetryTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ServiceBusBroker.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public async Task InitializeAsync()
    {
        _broker = await ServiceBusBroker.StartAsync(
            new BrokerOptions { Queues = [new QueueOptions { Name = _queue, MaxDeliveryCount = 1 }] },
            LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(new FakeLoggerProvider(_log))));
        _client = new ServiceBusClient(_broker.ConnectionString, new ServiceBusClientOptions { RetryOptions = { MaxRetries = 0 } });
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
        _listener.Dispose();
    }

    [Fact]
    public async Task The_way_of_a_message_is_in_the_trace_of_its_sender()
    {
        var sender = ActivityContext.Parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", null);
        var message = new ServiceBusMessage("x")
        {
            MessageId = "1",
            ApplicationProperties = { ["Diagnostic-Id"] = $"00-{sender.TraceId}-{sender.SpanId}-01" },
        };
        await _client.CreateSender(_queue).SendMessageAsync(message);
        var receiver = _client.CreateReceiver(_queue);
        var received = await receiver.ReceiveMessageAsync(Eventually.DefaultDeadline);
        await receiver.DeadLetterMessageAsync(received, "unusable");

        foreach (var name in (string[])[$"send {_queue}", $"receive {_queue}", $"dead_letter {_queue}"])
        {
            var span = await SpanAsync(name);
            Assert.Equal((sender.TraceId, sender.SpanId), (span.TraceId, span.ParentSpanId));
            Assert.Equal(
                ("servicebus", _queue, "1"), (
                    span.GetTagItem("messaging.system"),
                    span.GetTagItem("messaging.destination.name"),
                    span.GetTagItem("messaging.message.id")));
        }

        Assert.Equal("unusable", (await SpanAsync($"dead_letter {_queue}")).GetTagItem("kedajobs.dead_letter.reason"));
        Assert.Equal("dead_letter", (await SpanAsync($"settle {_queue}")).GetTagItem("messaging.servicebus.disposition_status"));
    }

    [Fact]
    public async Task A_message_that_the_broker_gives_up_says_why()
    {
        await _client.CreateSender(_queue).SendMessageAsync(new ServiceBusMessage("x"));
        var receiver = _client.CreateReceiver(_queue);
        await receiver.AbandonMessageAsync(await receiver.ReceiveMessageAsync(Eventually.DefaultDeadline));

        Assert.Equal("MaxDeliveryCountExceeded", (await SpanAsync($"dead_letter {_queue}")).GetTagItem("kedajobs.dead_letter.reason"));
    }

    [Theory]
    [InlineData(true, "committed")]
    [InlineData(false, "rolled back")]
    public async Task A_transaction_is_a_span_from_its_declaration_to_its_end(bool commits, string state)
    {
        using (var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            var sender = _client.CreateSender(_queue);
            await sender.SendMessageAsync(new ServiceBusMessage("x"));
            await sender.SendMessageAsync(new ServiceBusMessage("y"));
            if (commits)
            {
                scope.Complete();
            }
        }

        await Eventually.SucceedsAsync("the transaction's span", () => Assert.Contains(
            _spans,
            span => span.OperationName == ServiceBusBroker.TransactionSpan
                && span.GetTagItem("kedajobs.transaction.state") as string == state
                && span.GetTagItem("kedajobs.transaction.operations") is 2
                && span.Duration > TimeSpan.Zero));
    }

    [Fact]
    public async Task What_is_refused_is_counted_and_has_a_line_in_the_log()
    {
        var refused = new ConcurrentQueue<string?>();
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == ServiceBusBroker.MeterName && instrument.Name == "kedajobs.broker.requests.refused")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<long>(
            (_, _, tags, _) => refused.Enqueue(tags.ToArray().FirstOrDefault(tag => tag.Key == "condition").Value as string));
        meters.Start();

        await Assert.ThrowsAsync<ServiceBusException>(() => _client.CreateSender("missing").SendMessageAsync(new ServiceBusMessage("x")));

        Assert.Contains("amqp:not-found", refused);
        Assert.Contains(_log.GetSnapshot(), record => record.Level == LogLevel.Debug
            && record.Message.Contains("amqp:not-found", StringComparison.Ordinal)
            && record.Message.Contains("missing", StringComparison.Ordinal));
    }

    private async Task<Activity> SpanAsync(string name)
    {
        Activity? found = null;
        await Eventually.SucceedsAsync(
            $"the span '{name}'", () => Assert.NotNull(found = _spans.FirstOrDefault(span => span.DisplayName == name)));
        return found!;
    }
}
