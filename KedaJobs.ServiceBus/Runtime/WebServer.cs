using KedaJobs.ServiceBus.Amqp;
using KedaJobs.ServiceBus.Management;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting;

namespace KedaJobs.ServiceBus.Runtime;

/// <summary>The listening side: one port on both loopback addresses, where the first four bytes of a connection tell AMQP from HTTP.</summary>
internal sealed class WebServer(AmqpServer amqp, ManagementApi management, TimeProvider time, ILoggerFactory loggers)
{
    /// <summary>How long clients may take to end their connections when the broker stops.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private WebApplication? _application;
    private LoopbackSockets? _sockets;

    /// <summary>Starts to listen.</summary>
    /// <returns>The port.</returns>
    /// <exception cref="BrokerStartException">The port is taken.</exception>
    public async Task<int> StartAsync(int port, CancellationToken cancellationToken)
    {
        _sockets = LoopbackSockets.Bind(port);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        // Not two lines for each request of the management API: there are several for each poll.
        builder.Logging.AddProvider(new ForwardingLoggerProvider(loggers)).SetMinimumLevel(LogLevel.Trace)
            .AddFilter("Microsoft.AspNetCore.Hosting", LogLevel.Warning);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(ConfigureServer);
        builder.Services.Configure<SocketTransportOptions>(transport => transport.CreateBoundListenSocket = _sockets.Take);
        _application = builder.Build();
        _application.Run(management.HandleAsync);
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
    }

    private void ConfigureServer(KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        foreach (var endPoint in _sockets!.EndPoints)
        {
            server.Listen(endPoint, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection => SwitchAsync(connection, next));
            });
        }
    }

    private async Task SwitchAsync(ConnectionContext connection, ConnectionDelegate http)
    {
        byte[]? first;
        using (var limit = new HandshakeLimit(connection, time))
        {
            try
            {
                first = await SaslServer.PeekAsync(connection.Transport.Input, 4, limit.Token).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is OperationCanceledException or IOException)
            {
                return;
            }
        }

        if (first is null)
        {
            return;
        }

        await (first.AsSpan().SequenceEqual("AMQP"u8) ? amqp.ServeAsync(connection) : http(connection)).ConfigureAwait(false);
    }
}
