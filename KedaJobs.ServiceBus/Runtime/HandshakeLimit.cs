using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace KedaJobs.ServiceBus.Runtime;

/// <summary>
/// Ends the wait for a client that has not said yet what it wants: after a time, when it is gone, and when the server stops.
/// </summary>
internal sealed class HandshakeLimit : IDisposable
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _timeout;
    private readonly CancellationTokenSource _any;

    public HandshakeLimit(ConnectionContext connection, TimeProvider clock)
    {
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested
            ?? CancellationToken.None;
        _timeout = new CancellationTokenSource(Time, clock);
        _any = CancellationTokenSource.CreateLinkedTokenSource(_timeout.Token, connection.ConnectionClosed, stopping);
    }

    public CancellationToken Token => _any.Token;

    public void Dispose()
    {
        _any.Dispose();
        _timeout.Dispose();
    }
}
