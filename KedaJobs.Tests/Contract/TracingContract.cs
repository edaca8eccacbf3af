using System.Collections.Concurrent;
using System.Diagnostics;
using Azure.Messaging.ServiceBus;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Contract;

/// <summary>One trace from the sender to the handler, as the Azure SDK draws it.</summary>
public sealed class TracingContract : ServiceBusContract
{
    [Fact]
    public async Task A_message_carries_the_trace_it_was_sent_in()
    {
        var queue = await CreateQueueAsync();
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();

        await SendAsync(queue, "traced");

        var id = Assert.IsType<string>((await ReceiveAsync(Receiver(queue))).ApplicationProperties["Diagnostic-Id"]);
        Assert.Equal(activity.TraceId, ActivityContext.Parse(id, null).TraceId);
    }

    [Fact]
    public async Task A_message_that_has_a_trace_keeps_it()
    {
        const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var queue = await CreateQueueAsync();
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();

        await Sender(queue).SendMessageAsync(new ServiceBusMessage { ApplicationProperties = { ["Diagnostic-Id"] = TraceParent } });

        Assert.Equal(TraceParent, (await ReceiveAsync(Receiver(queue))).ApplicationProperties["Diagnostic-Id"]);
    }

    [Fact]
    public async Task Spans_of_sending_and_handling_are_one_trace()
    {
        var queue = await CreateQueueAsync();
        var stopped = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("Azure.Messaging.ServiceBus.", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        await SendAsync(queue, "traced");
        ActivityTraceId handledIn = default;
        var processor = Owned(Client.CreateProcessor(queue));
        processor.ProcessErrorAsync += args => Task.FromException(args.Exception);
        processor.ProcessMessageAsync += args =>
        {
            handledIn = Activity.Current!.TraceId;
            return Task.CompletedTask;
        };
        await processor.StartProcessingAsync();

        // Other tests of the process may be traced at the same time.
        List<Activity> Own() => [.. stopped.Where(activity => Equals(activity.GetTagItem("messaging.destination.name"), queue))];
        await Eventually.SucceedsAsync(
            "the message is handled",
            () => Assert.Contains(Own(), activity => activity.OperationName == "ServiceBusProcessor.ProcessMessage"));

        var (message, send, process) = (Single("Message"), Single("ServiceBusSender.Send"), Single("ServiceBusProcessor.ProcessMessage"));
        Assert.Equal(request.TraceId, handledIn);
        Assert.Equal((ActivityKind.Producer, request.SpanId), (message.Kind, message.ParentSpanId));
        Assert.Equal((ActivityKind.Client, message.SpanId), (send.Kind, Assert.Single(send.Links).Context.SpanId));
        Assert.Equal((ActivityKind.Consumer, message.SpanId), (process.Kind, process.ParentSpanId));
        Assert.Equal("Azure.Messaging.ServiceBus.Message", message.Source.Name);
        Assert.Equal("Azure.Messaging.ServiceBus.ServiceBusSender", send.Source.Name);
        Assert.Equal("Azure.Messaging.ServiceBus.ServiceBusProcessor", process.Source.Name);
        Assert.Equal("servicebus", send.GetTagItem("messaging.system"));
        Assert.Equal("publish", send.GetTagItem("messaging.operation"));
        Assert.Equal(Client.FullyQualifiedNamespace, send.GetTagItem("server.address"));

        Activity Single(string name) => Assert.Single(Own(), activity => activity.OperationName == name);
    }

    [Fact]
    public async Task A_failed_send_is_a_failed_span()
    {
        var name = $"missing-{Guid.NewGuid():N}";
        var stopped = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Azure.Messaging.ServiceBus.ServiceBusSender",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);

        await AssertFailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => SendAsync(name, "x"));

        var span = Assert.Single(stopped, activity => Equals(activity.GetTagItem("messaging.destination.name"), name));
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.Equal(typeof(ServiceBusException).FullName, span.GetTagItem("error.type"));
    }
}
