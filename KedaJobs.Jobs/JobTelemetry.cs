using System.Diagnostics;
using System.Diagnostics.Metrics;
using Azure.Messaging.ServiceBus;
using KedaJobs.Jobs.Hosting;
using KedaJobs.Jobs.Settling;

namespace KedaJobs.Jobs;

/// <summary>Spans and instruments of an execution. Names follow OpenTelemetry's messaging conventions where they have one.</summary>
internal sealed class JobTelemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string SourceName = "KedaJobs.Jobs";

    private static readonly ActivitySource Source = new(SourceName);
    private readonly ExecutionIdentity _identity;
    private readonly Counter<long> _messages;
    private readonly Histogram<double> _handlerDuration;

    /// <param name="meters">Makes the meter. Null where nobody has added metrics to the host: it is listened to by its name then.</param>
    /// <param name="identity">The execution.</param>
    public JobTelemetry(IMeterFactory? meters, ExecutionIdentity identity)
    {
        _identity = identity;
        var meter = meters?.Create(SourceName) ?? new Meter(SourceName);
        _messages = meter.CreateCounter<long>(
            "kedajobs.job.messages", "{message}", "Messages received from the queue, by outcome.");
        _handlerDuration = meter.CreateHistogram<double>("kedajobs.job.handler.duration", "s", "How long handlers took.");
    }

    /// <summary>The span of the whole execution; taking messages happens in it.</summary>
    public Activity? StartExecution()
    {
        var activity = Source.StartActivity("execution");
        activity?.SetTag("kedajobs.execution.name", _identity.Execution);
        return activity;
    }

    /// <summary>
    /// The span of one message. It continues the trace of the sender; the execution is linked, because it serves many senders.
    /// </summary>
    public Activity? StartMessage(ServiceBusReceivedMessage message, string queue)
    {
        ActivityLink[] links = Activity.Current is { } execution ? [new ActivityLink(execution.Context)] : [];
        Activity.Current = null;
        var activity = Source.StartActivity($"process {queue}", ActivityKind.Consumer, SenderOf(message), links: links);
        activity?.SetTag("messaging.system", "servicebus");
        activity?.SetTag("messaging.operation.type", "process");
        activity?.SetTag("messaging.destination.name", queue);
        activity?.SetTag("messaging.message.id", message.MessageId);
        activity?.SetTag("messaging.servicebus.message.delivery_count", message.DeliveryCount);
        activity?.SetTag("kedajobs.execution.name", _identity.Execution);
        return activity;
    }

    /// <param name="task">The task; null if no handler was found.</param>
    /// <param name="outcome">The outcome of the message.</param>
    public void MessageDone(string? task, JobOutcome outcome)
    {
        _messages.Add(1, new("task", task ?? "unknown"), new("outcome", outcome.ToString()));
        Activity.Current?.SetTag("kedajobs.outcome", outcome.ToString());
    }

    public void HandlerDone(string task, TimeSpan duration) =>
        _handlerDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("task", task));

    // W3C traceparent in "Diagnostic-Id", as the Azure SDK's senders write it; newer ones add the standard names.
    private static ActivityContext SenderOf(ServiceBusReceivedMessage message)
    {
        var parent = JobMessages.TextOf(message, "traceparent") ?? JobMessages.TextOf(message, "Diagnostic-Id");
        var state = JobMessages.TextOf(message, "tracestate");
        return ActivityContext.TryParse(parent, state, isRemote: true, out var context) ? context : default;
    }
}
