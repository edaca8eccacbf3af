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
    public async Task JobThatFailsAtFirst_IsOneTrace_FromTheRequestThroughBothDeliveriesToTheResult()
    {
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        var caller = ActivitySpanId.CreateRandom().ToHexString();
        var id = Assert.Single(await fixture.Producer.PostAsync(
            new JsonObject { ["task"] = "fail", ["input"] = new JsonObject { ["times"] = 1 } }, traceParent: $"00-{trace}-{caller}-01"));
        var result = Assert.Single(await fixture.Producer.TakeResultsAsync(1));
        Assert.Equal((id, 2), (ProducerClient.IdOf(result), result["attempt"]!.GetValue<int>()));
        await fixture.IdleAsync();

        // Spans come when they are exported, at the latest with the end of their process; the producer sends them every few seconds.
        IReadOnlyList<CollectedSpan> spans = [];
        await Eventually.SucceedsAsync("the spans of both services", () =>
        {
            spans = fixture.Telemetry.Spans(trace);
            Assert.Contains(spans, span => span.Name == "POST /jobs");
            Assert.Equal(2, spans.Count(span => span.Name == "process jobs"));
        });
        var request = Assert.Single(spans, span => span.Name == "POST /jobs");
        Assert.Equal(("producer", caller), (request.Service, request.ParentId));
        Assert.True(spans.All(span => span.ParentId == caller || spans.Any(other => other.SpanId == span.ParentId)), "Every other span hangs below the request.");

        // Both deliveries are children of the one message that the request has sent.
        var deliveries = spans.Where(span => span.Name == "process jobs").OrderBy(span => span.Tags["messaging.servicebus.message.delivery_count"]).ToList();
        Assert.All(deliveries, delivery => Assert.Equal(("worker", id), (delivery.Service, delivery.Tags["messaging.message.id"])));
        Assert.Equal(["1", "2"], deliveries.Select(delivery => delivery.Tags["messaging.servicebus.message.delivery_count"]));
        Assert.Equal(["Retried", "Completed"], deliveries.Select(delivery => delivery.Tags["kedajobs.outcome"]));
        Assert.Equal([true, false], deliveries.Select(delivery => delivery.IsError));
        var message = Assert.Single(spans, span => span.SpanId == deliveries[0].ParentId);
        Assert.Equal(("producer", deliveries[1].ParentId), (message.Service, message.SpanId));

        // What becomes of each stands below it.
        Assert.Contains(spans, span => span.ParentId == deliveries[0].SpanId && span.Name == "ServiceBusReceiver.Abandon");
        Assert.Contains(spans, span => span.ParentId == deliveries[1].SpanId && span.Name == "ServiceBusReceiver.Complete");
        var sent = Assert.Single(spans, span => span.ParentId == deliveries[1].SpanId && span.Name == "ServiceBusSender.Send");
        Assert.Equal("results", sent.Tags["messaging.destination.name"]);

        // An execution serves many senders: it has a trace of its own, which each delivery is linked to.
        foreach (var delivery in deliveries)
        {
            var link = Assert.Single(delivery.Links);
            var execution = fixture.Telemetry.Find(link.SpanId);
            Assert.Equal(("execution", link.TraceId, delivery.Tags["kedajobs.execution.name"]), (execution?.Name, execution?.TraceId, execution?.Tags["kedajobs.execution.name"]));
            Assert.NotEqual(trace, link.TraceId);
        }
    }
}
