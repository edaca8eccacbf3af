using System.Diagnostics.Metrics;

namespace KedaJobs.ServiceBus;

/// <summary>The broker's meter and its instruments.</summary>
internal sealed class BrokerTelemetry : IDisposable
{
    private readonly Meter _meter = new(ServiceBusBroker.MeterName);
    private readonly Counter<long> _sent;
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _settled;
    private readonly UpDownCounter<int> _connections;
    private readonly Counter<long> _transactions;

    public BrokerTelemetry()
    {
        _sent = _meter.CreateCounter<long>("kedajobs.broker.messages.accepted", "{message}", "Messages that clients sent and the broker accepted.");
        _delivered = _meter.CreateCounter<long>("kedajobs.broker.messages.delivered", "{message}", "Messages given to receivers.");
        _settled = _meter.CreateCounter<long>("kedajobs.broker.messages.settled", "{message}", "Messages that receivers settled.");
        _transactions = _meter.CreateCounter<long>("kedajobs.broker.transactions", "{transaction}", "Transactions that were declared, committed and rolled back.");
        _connections = _meter.CreateUpDownCounter<int>("kedajobs.broker.connections", "{connection}", "Open AMQP connections.");
    }

    public void Sent(int count) => _sent.Add(count);

    public void Delivered() => _delivered.Add(1);

    public void Settled() => _settled.Add(1);

    public void TransactionDeclared() => _transactions.Add(1, new KeyValuePair<string, object?>("state", "declared"));

    public void TransactionCommitted() => _transactions.Add(1, new KeyValuePair<string, object?>("state", "committed"));

    /// <summary>Counts a transaction that was rolled back.</summary>
    /// <param name="reason">Why: <c>client</c>, <c>client gone</c>, <c>conflict</c> or <c>time-out</c>.</param>
    public void TransactionRolledBack(string reason) => _transactions.Add(
        1, new KeyValuePair<string, object?>("state", "rolled back"), new KeyValuePair<string, object?>("reason", reason));

    public void ConnectionOpened() => _connections.Add(1);

    public void ConnectionClosed() => _connections.Add(-1);

    public void Dispose() => _meter.Dispose();
}
