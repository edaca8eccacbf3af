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

    public BrokerTelemetry()
    {
        _sent = _meter.CreateCounter<long>("kedajobs.broker.messages.accepted", "{message}", "Messages that clients sent and the broker accepted.");
        _delivered = _meter.CreateCounter<long>("kedajobs.broker.messages.delivered", "{message}", "Messages given to receivers.");
        _settled = _meter.CreateCounter<long>("kedajobs.broker.messages.settled", "{message}", "Messages that receivers settled.");
        _connections = _meter.CreateUpDownCounter<int>("kedajobs.broker.connections", "{connection}", "Open AMQP connections.");
    }

    public void Sent(int count) => _sent.Add(count);

    public void Delivered() => _delivered.Add(1);

    public void Settled() => _settled.Add(1);

    public void ConnectionOpened() => _connections.Add(1);

    public void ConnectionClosed() => _connections.Add(-1);

    public void Dispose() => _meter.Dispose();
}
