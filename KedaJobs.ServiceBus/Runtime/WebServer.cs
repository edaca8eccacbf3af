using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using KedaJobs.ServiceBus.Amqp;
using KedaJobs.ServiceBus.Management;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting;

namespace KedaJobs.ServiceBus.Runtime;

/// <summary>
/// The listening side: one port for AMQP, the management API over HTTP, AMQP over WebSockets, and all of these over TLS.
/// The first bytes of a connection tell which.
/// </summary>
internal sealed class WebServer(
    AmqpServer amqp, ManagementApi management, BrokerOptions options, TimeProvider time, ILoggerFactory loggers, ILogger log)
{
    /// <summary>How long clients may take to end their connections when the broker stops.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private WebApplication? _application;
    private ListeningSockets? _sockets;
    private ListeningSockets? _managementSockets;

    /// <summary>The second port for the management API, or null.</summary>
    public int? ManagementPort => _managementSockets?.Port;

    /// <summary>Starts to listen.</summary>
    /// <returns>The port.</returns>
    /// <exception cref="BrokerStartException">A port is taken.</exception>
    public async Task<int> StartAsync(CancellationToken cancellationToken)
    {
        _sockets = ListeningSockets.Bind(options.Port, options.AcceptRemoteConnections);
        _managementSockets = options.ManagementPort is { } port ? ListeningSockets.Bind(port, options.AcceptRemoteConnections) : null;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        // Not two lines for each request of the management API: there are several for each poll.
        builder.Logging.AddProvider(new ForwardingLoggerProvider(loggers)).SetMinimumLevel(LogLevel.Trace)
            .AddFilter("Microsoft.AspNetCore.Hosting", LogLevel.Warning);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(ConfigureServer);
        builder.Services.Configure<SocketTransportOptions>(transport =>
        {
            transport.CreateBoundListenSocket =
                endPoint => _sockets.Take(endPoint)
                    ?? _managementSockets?.Take(endPoint)
                    ?? throw new InvalidOperationException($"{endPoint} is not the broker's.");

            // Nothing here waits for anything on the thread that brings what was read: passing it on to another
            // would be most of what a small frame costs.
            transport.UnsafePreferInlineScheduling = true;

            // One call to the system for each read instead of two, for a block of 4 KB that an idle connection keeps.
            transport.WaitForDataBeforeAllocatingBuffer = false;
        });
        _application = builder.Build();
        _application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = Timeout.InfiniteTimeSpan });
        _application.Run(context => WebSocketConnection.IsFor(context.Request)
            ? WebSocketConnection.ServeAsync(context, time, amqp.ServeAsync)
            : management.HandleAsync(context));
        await _application.StartAsync(cancellationToken).ConfigureAwait(false);
        return _sockets.Port;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_application is not null)
        {
            await _application.StopAsync(cancellationToken).ConfigureAwait(false);
            await _application.DisposeAsync().ConfigureAwait(false);
        }

        _sockets?.Dispose();
        _managementSockets?.Dispose();
    }

    private void ConfigureServer(KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        Listen(_sockets!.EndPoints, isForAmqp: true);
        Listen(_managementSockets?.EndPoints ?? [], isForAmqp: false);

        void Listen(IEnumerable<IPEndPoint> endPoints, bool isForAmqp)
        {
            foreach (var endPoint in endPoints)
            {
                server.Listen(endPoint, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    listen.Use(next => connection => SwitchAsync(connection, next, isForAmqp, isSecure: false));
                });
            }
        }
    }

    private async Task SwitchAsync(ConnectionContext connection, ConnectionDelegate http, bool isForAmqp, bool isSecure)
    {
        if (await PeekAsync(connection).ConfigureAwait(false) is not { } first)
        {
            return;
        }

        switch (FirstBytes.Read(first))
        {
            case ClientProtocol.Amqp when isForAmqp:
                await amqp.ServeAsync(connection).ConfigureAwait(false);
                break;
            case ClientProtocol.Http:
                await http(connection).ConfigureAwait(false);
                break;
            case ClientProtocol.Tls when options.Certificate is { } certificate && !isSecure:
                await ServeTlsAsync(connection, http, isForAmqp, certificate).ConfigureAwait(false);
                break;
            case ClientProtocol.Tls:
                Log.TlsIsOff(log, connection.RemoteEndPoint);
                break;
            default:
                Log.UnknownProtocol(log, connection.RemoteEndPoint, Convert.ToHexString(first));
                break;
        }
    }

    /// <returns>Enough of what the client sends to tell what it speaks; null if it ends before, or takes too long.</returns>
    private async Task<byte[]?> PeekAsync(ConnectionContext connection)
    {
        using var limit = new HandshakeLimit(connection, time);
        try
        {
            var first = await SaslServer.PeekAsync(connection.Transport.Input, 1, limit.Token).ConfigureAwait(false);
            return first is null || FirstBytes.IsTls(first)
                ? first
                : await SaslServer.PeekAsync(connection.Transport.Input, FirstBytes.Length, limit.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException)
        {
            return null;
        }
    }

    private async Task ServeTlsAsync(ConnectionContext connection, ConnectionDelegate http, bool isForAmqp, X509Certificate2 certificate)
    {
        try
        {
            await TlsConnection.ServeAsync(connection, certificate, time, secure => SwitchAsync(secure, http, isForAmqp, isSecure: true))
                .ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is AuthenticationException or IOException or OperationCanceledException)
        {
            Log.HandshakeFailed(log, connection.ConnectionId, failure.Message);
        }
    }
}
