using System.Diagnostics;
using System.Diagnostics.Metrics;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Topics.Rules.Sql;

namespace KedaJobs.ServiceBus;

/// <summary>
/// The broker's meter and spans. A span is that of the trace which the sender's message belongs to, by the property that the official
/// clients write (<c>Diagnostic-Id</c>); without a listener there are none, and they cost nothing. Names of attributes follow
/// OpenTelemetry's conventions for messaging.
/// </summary>
internal sealed class BrokerTelemetry : IDisposable
{
    private const string TraceProperty = "Diagnostic-Id";

    private readonly Meter _meter = new(ServiceBusBroker.MeterName);
    private readonly ActivitySource _source = new(ServiceBusBroker.ActivitySourceName);
    private readonly Counter<long> _sent;
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _settled;
    private readonly Counter<long> _deadLettered;
    private readonly UpDownCounter<int> _connections;
    private readonly Counter<long> _transactions;
    private readonly Counter<long> _refused;

    public BrokerTelemetry()
    {
        _sent = _meter.CreateCounter<long>(
            "kedajobs.broker.messages.accepted", "{message}", "Messages that clients sent and the broker accepted.");
        _delivered = _meter.CreateCounter<long>("kedajobs.broker.messages.delivered", "{message}", "Messages delivered to receivers.");
        _settled = _meter.CreateCounter<long>("kedajobs.broker.messages.settled", "{message}", "Messages that receivers settled.");
        _deadLettered = _meter.CreateCounter<long>(
            "kedajobs.broker.messages.dead_lettered", "{message}", "Messages that were dead-lettered, by a receiver or by the broker.");
        _transactions = _meter.CreateCounter<long>(
            "kedajobs.broker.transactions", "{transaction}", "Transactions that were declared, committed and rolled back.");
        _refused = _meter.CreateCounter<long>(
            "kedajobs.broker.requests.refused", "{request}",
            "AMQP requests of clients that were refused, by error condition.");
        _connections = _meter.CreateUpDownCounter<int>("kedajobs.broker.connections", "{connection}", "Open AMQP connections.");
    }

    /// <summary>Messages were accepted.</summary>
    public void Sent(string entity, ReadOnlySpan<MessageContent> contents)
    {
        _sent.Add(contents.Length);
        if (!_source.HasListeners())
        {
            return;
        }

        foreach (var content in contents)
        {
            using var span = Start(ServiceBusBroker.SendSpan, ActivityKind.Server, entity, content);
            span?.SetTag("messaging.message.id", content.MessageId);
            span?.SetTag("messaging.message.body.size", content.Size);
        }
    }

    /// <summary>A message was given to a receiver.</summary>
    public void Delivered(string entity, in MessageSnapshot message)
    {
        _delivered.Add(1);
        if (_source.HasListeners())
        {
            using var span = Start(ServiceBusBroker.ReceiveSpan, ActivityKind.Server, entity, message.Content);
            span?.SetTag("messaging.message.id", message.Content.MessageId);
            span?.SetTag("messaging.servicebus.message.delivery_count", message.DeliveryCount + 1);
            span?.SetTag("messaging.servicebus.message.sequence_number", message.SequenceNumber);
        }
    }

    /// <summary>A receiver settled a message, or failed to.</summary>
    public void Settled(string entity, Disposition disposition, SettleOutcome outcome)
    {
        _settled.Add(1);
        if (_source.HasListeners())
        {
            using var span = _source.StartActivity($"{ServiceBusBroker.SettleSpan} {entity}", ActivityKind.Server);
            SetDestination(span, ServiceBusBroker.SettleSpan, entity);
            span?.SetTag("messaging.servicebus.disposition_status", Name(disposition));
            if (outcome != SettleOutcome.Done)
            {
                span?.SetStatus(ActivityStatusCode.Error, outcome.ToString());
            }
        }
    }

    /// <summary>A message was dead-lettered.</summary>
    /// <param name="entity">Where.</param>
    /// <param name="content">The message.</param>
    /// <param name="reason">Why; null where a receiver gave no reason.</param>
    /// <param name="byBroker">Whether the broker decided so.</param>
    public void DeadLettered(string entity, MessageContent content, string? reason, bool byBroker)
    {
        // A receiver's reason may be any text: as an attribute of a metric it would be one too many.
        _deadLettered.Add(1, new KeyValuePair<string, object?>("reason", byBroker ? reason : "receiver"));
        if (_source.HasListeners())
        {
            using var span = Start(ServiceBusBroker.DeadLetterSpan, ActivityKind.Internal, entity, content);
            span?.SetTag("messaging.message.id", content.MessageId);
            span?.SetTag("kedajobs.dead_letter.reason", reason);
        }
    }

    /// <summary>When a transaction is declared.</summary>
    public DateTimeOffset TransactionDeclared()
    {
        _transactions.Add(1, new KeyValuePair<string, object?>("state", "declared"));
        return TimeProvider.System.GetUtcNow();
    }

    /// <summary>A transaction has ended.</summary>
    /// <param name="declaredAt">What <see cref="TransactionDeclared"/> gave.</param>
    /// <param name="operations">How many operations it had.</param>
    /// <param name="rolledBackFor">
    /// Why it was rolled back: <c>client</c>, <c>client gone</c>, <c>conflict</c> or <c>time-out</c>; null if it was committed.
    /// </param>
    public void TransactionEnded(DateTimeOffset declaredAt, int operations, string? rolledBackFor)
    {
        var state = rolledBackFor is null ? "committed" : "rolled back";
        _transactions.Add(1, new KeyValuePair<string, object?>("state", state), new KeyValuePair<string, object?>("reason", rolledBackFor));
        if (_source.HasListeners())
        {
            using var span = _source.StartActivity(
                ServiceBusBroker.TransactionSpan, ActivityKind.Server, parentContext: default, startTime: declaredAt);
            span?.SetTag("kedajobs.transaction.state", state);
            span?.SetTag("kedajobs.transaction.operations", operations);
            if (rolledBackFor is not null)
            {
                span?.SetTag("kedajobs.transaction.reason", rolledBackFor);
            }
        }
    }

    public void Refused(string condition) => _refused.Add(1, new KeyValuePair<string, object?>("condition", condition));

    public void ConnectionOpened() => _connections.Add(1);

    public void ConnectionClosed() => _connections.Add(-1);

    public void Dispose()
    {
        _meter.Dispose();
        _source.Dispose();
    }

    private static string Name(Disposition disposition) => disposition switch
    {
        Disposition.Complete => "complete",
        Disposition.Abandon => "abandon",
        Disposition.Defer => "defer",
        Disposition.DeadLetter => "dead_letter",
        _ => "release",
    };

    private static void SetDestination(Activity? span, string operation, string entity)
    {
        span?.SetTag("messaging.system", "servicebus");
        span?.SetTag("messaging.operation.name", operation);
        span?.SetTag("messaging.destination.name", entity);
    }

    private Activity? Start(string operation, ActivityKind kind, string entity, MessageContent content)
    {
        var parent = content.TryGetProperty(TraceProperty, out var value) && value is { Kind: SqlKind.Text }
            && ActivityContext.TryParse(value.Text, null, isRemote: true, out var context)
            ? context
            : default;
        var span = _source.StartActivity($"{operation} {entity}", kind, parent);
        SetDestination(span, operation, entity);
        return span;
    }
}
