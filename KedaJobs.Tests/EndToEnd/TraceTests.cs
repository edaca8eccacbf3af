using System.Diagnostics;
using System.Text.Json.Nodes;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.EndToEnd;

/// <summary>What a developer sees of a job on the page of traces: one trace, from the request to the result.</summary>
[Collection(AppHostCollection.Name)]
public sealed class TraceTests(AppHostFixture fixture) : IAsyncLifetime
{
    public Task InitializeAsync() => fixture.SettleAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Job_that_fails_at_first_is_one_trace_from_the_request_through_both_deliveries_to_the_result()
    {
        var trace = new Trace();
        var id = Assert.Single(await fixture.Producer.PostAsync(
            new JsonObject { ["task"] = "fail", ["input"] = new JsonObject { ["times"] = 1 } }, trace.Parent));
        var result = Assert.Single(await fixture.Producer.TakeResultsAsync(1));
        Assert.Equal((id, 2), (ProducerClient.IdOf(result), result["attempt"]!.GetValue<int>()));

        var spans = await SpansAsync(trace, deliveries: 2);
        var deliveries = Deliveries(spans, id);
        Assert.Equal(["Retried", "Completed"], deliveries.Select(delivery => delivery.Tags["kedajobs.outcome"]));
        Assert.Equal([true, false], deliveries.Select(delivery => delivery.IsError));
        AssertThatTheResultIsBelow(deliveries[1], spans);
    }

    [LinuxFact]
    public async Task Job_of_an_execution_that_is_stopped_is_one_trace_through_both_executions()
    {
        var trace = new Trace();
        // The short one's result shows that the other, taken with it, is in hand.
        var ids = await fixture.Producer.PostAsync(new JsonArray(Delay(0.05), Delay(3)), trace.Parent);
        Assert.Equal(ids[0], ProducerClient.IdOf(Assert.Single(await fixture.Producer.TakeResultsAsync(1))));
        await fixture.Worker.StopAllAsync();
        Assert.Equal(ids[1], ProducerClient.IdOf(Assert.Single(await fixture.Producer.TakeResultsAsync(1))));

        var spans = await SpansAsync(trace, deliveries: 3);
        var deliveries = Deliveries(spans, ids[1]);
        Assert.Equal(["GivenBack", "Completed"], deliveries.Select(delivery => delivery.Tags["kedajobs.outcome"]));
        Assert.Equal(2, deliveries.Select(delivery => delivery.Tags["kedajobs.execution.name"]).Distinct().Count());
        Assert.Contains(spans, span => span.ParentId == deliveries[0].SpanId && span.Name == "ServiceBusReceiver.Abandon");
        AssertThatTheResultIsBelow(deliveries[1], spans);
    }

    private static JsonObject Delay(double seconds) => new() { ["task"] = "delay", ["input"] = new JsonObject { ["seconds"] = seconds } };

    /// <summary>
    /// Waits for the trace: spans come when they are exported, at the latest with the end of their process;
    /// the producer sends them every few seconds.
    /// </summary>
    private async Task<IReadOnlyList<CollectedSpan>> SpansAsync(Trace trace, int deliveries)
    {
        await fixture.IdleAsync();
        IReadOnlyList<CollectedSpan> spans = [];
        await Eventually.SucceedsAsync("the spans of both services", () =>
        {
            spans = fixture.Telemetry.Spans(trace.Id);
            var request = Assert.Single(spans, span => span.Name == "POST /jobs");
            Assert.Equal(("producer", trace.Caller), (request.Service, request.ParentId));
            Assert.Equal(deliveries, spans.Count(span => span.Name == "process jobs"));
        });
        Assert.All(spans.Where(span => span.Name != "POST /jobs"), span => Assert.Contains(spans, other => other.SpanId == span.ParentId));
        return spans;
    }

    /// <summary>
    /// The deliveries of a message in their order: all of them below the one message that the producer has sent, and
    /// linked to the execution that handled them.
    /// </summary>
    private List<CollectedSpan> Deliveries(IReadOnlyList<CollectedSpan> spans, string id)
    {
        var deliveries = spans.Where(span => span.Name == "process jobs" && span.Tags["messaging.message.id"] == id)
            .OrderBy(span => span.Tags["kedajobs.outcome"] == "Completed").ToList();
        var message = Assert.Single(spans, span => span.SpanId == deliveries[0].ParentId);
        Assert.Equal(("producer", "Message"), (message.Service, message.Name));
        Assert.All(deliveries, delivery =>
        {
            Assert.Equal(("worker", message.SpanId), (delivery.Service, delivery.ParentId));
            // An execution serves many senders, so it has a trace of its own.
            var link = Assert.Single(delivery.Links);
            Assert.NotEqual(delivery.TraceId, link.TraceId);
            var execution = fixture.Telemetry.Find(link.SpanId);
            Assert.Equal(
                ("execution", link.TraceId, delivery.Tags["kedajobs.execution.name"]),
                (execution?.Name, execution?.TraceId, execution?.Tags["kedajobs.execution.name"]));
        });
        return deliveries;
    }

    private static void AssertThatTheResultIsBelow(CollectedSpan delivery, IReadOnlyList<CollectedSpan> spans)
    {
        var sent = Assert.Single(spans, span => span.ParentId == delivery.SpanId && span.Name == "ServiceBusSender.Send");
        Assert.Equal("results", sent.Tags["messaging.destination.name"]);
        Assert.Contains(spans, span => span.ParentId == delivery.SpanId && span.Name == "ServiceBusReceiver.Complete");
    }

    /// <summary>The trace of somebody who calls the producer.</summary>
    private sealed record Trace
    {
        public string Id { get; } = ActivityTraceId.CreateRandom().ToHexString();

        public string Caller { get; } = ActivitySpanId.CreateRandom().ToHexString();

        public string Parent => $"00-{Id}-{Caller}-01";
    }
}
