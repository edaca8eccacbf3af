using System.Collections.Concurrent;
using System.Diagnostics;
using KedaJobs.ServiceBus.Amqp.Protocol;
using KedaJobs.ServiceBus.Runtime;
using KedaJobs.ServiceBus.Security;
using Microsoft.AspNetCore.Connections;

namespace KedaJobs.ServiceBus.Amqp;

/// <summary>Speaks AMQP on connections that the web server accepted.</summary>
internal sealed class AmqpServer : IDisposable
{
    private const uint MaxFrameSize = 64 * 1024;

    /// <summary>The JavaScript client opens a session for each link.</summary>
    private const ushort MaxSessions = 5000;

    /// <summary>How long a client may take from its protocol header to its open.</summary>
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How long a client may take to read what was sent before the end of its connection.</summary>
    private static readonly TimeSpan LingerTimeout = TimeSpan.FromSeconds(10);

    private readonly BrokerServices _services;
    private readonly ConnectionSettings _settings;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<AmqpConnection, ConnectionContext> _connections = new();
    private volatile string? _closed;

    public AmqpServer(BrokerServices services, TimeSpan idleTimeout, ILogger log)
    {
        (_services, _log) = (services, log);

        // Silence on a socket is measured by the system's clock: the broker's may be one that a test moves.
        _settings = new ConnectionSettings(
            "kedajobs", MaxFrameSize, MaxSessions - 1, idleTimeout, () => services.Catalog.MaxMessageSize, TimeProvider.System);
    }

    /// <summary>Serves one connection to its end.</summary>
    public async Task ServeAsync(ConnectionContext context)
    {
        // What started the broker, or accepted the connection, is not what the client's requests are parts of.
        Activity.Current = null;
        using var claims = new ClientClaims(_services.Time, ClientAddress.IsLocal(context.RemoteEndPoint));
        if (!await NegotiateAsync(context, claims).ConfigureAwait(false))
        {
            return;
        }

        using var transactions = new ClientTransactions(_services);
        using var connection = new AmqpConnection(context.Transport, _settings, new LinkRouter(_services, claims, transactions))
        {
            Refused = (what, error) =>
            {
                _services.Telemetry.Refused(error.Condition);
                Log.Refused(_log, context.ConnectionId, what, error.Condition, error.Description);
            },
            Failed = failure => Log.ConnectionFailed(_log, failure, context.ConnectionId),
        };
        _services.Telemetry.ConnectionOpened();
        _connections.TryAdd(connection, context);
        try
        {
            if (_closed is { } reason)
            {
                End(connection, context, reason);
            }

            await using var patience = AbortAfter(OpenTimeout, context, () => !connection.IsOpen).ConfigureAwait(false);
            var running = connection.RunAsync();
            await connection.Closing.ConfigureAwait(false);

            // A client that reads no more would keep its socket, and what is still to be sent, for ever. The timer
            // outlives this method, because so may the wait.
            var linger = AbortAfter(LingerTimeout, context, static () => true);
            context.ConnectionClosed.UnsafeRegister(static timer => ((ITimer)timer!).Dispose(), linger);
            await running.ConfigureAwait(false);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            _services.Telemetry.ConnectionClosed();
        }
    }

    /// <summary>Tells every client that the broker goes, and takes no more.</summary>
    public void Close(string reason)
    {
        _closed = reason;
        foreach (var (connection, context) in _connections)
        {
            End(connection, context, reason);
        }
    }

    public void Dispose() => _closed ??= "The broker is stopping.";

    private static void End(AmqpConnection connection, ConnectionContext context, string reason)
    {
        if (connection.IsOpen)
        {
            connection.Close(Errors.Create("amqp:connection:forced", reason));
        }
        else
        {
            // A client that has not said yet who it is would not have to answer.
            context.Abort();
        }
    }

    private ITimer AbortAfter(TimeSpan time, ConnectionContext context, Func<bool> isNeeded) => _services.Time.CreateTimer(
        _ =>
        {
            if (isNeeded())
            {
                context.Abort(new ConnectionAbortedException("The client did not finish in time."));
            }
        },
        null,
        time,
        Timeout.InfiniteTimeSpan);

    private async Task<bool> NegotiateAsync(ConnectionContext context, ClientClaims claims)
    {
        using var limit = new HandshakeLimit(context, _services.Time);
        try
        {
            var result = await SaslServer.NegotiateAsync(
                context.Transport, (name, key) => _services.Tokens.ValidateKey(name, key, claims.IsLocal) is not null, limit.Token)
                .ConfigureAwait(false);
            if (result is { Succeeded: true, User: var (name, key) }
                && _services.Tokens.ValidateKey(name, key, claims.IsLocal) is { } grant)
            {
                claims.AddGrant(grant, _services.Now);
            }

            return result.Succeeded;
        }
        catch (Exception failure) when (failure is WireFormatException or OperationCanceledException or IOException)
        {
            Log.HandshakeFailed(_log, context.ConnectionId, failure.Message);
            return false;
        }
    }
}
