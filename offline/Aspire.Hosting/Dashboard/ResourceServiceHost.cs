using System.Net;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard;

/// <summary>The gRPC server that the dashboard reads resources from. Plain HTTP/2 on loopback, guarded by a key.</summary>
internal sealed class ResourceServiceHost(
    ResourceFeed feed,
    ResourceLoggerService logs,
    CommandRunner commands,
    InteractionHub interactions,
    ILoggerFactory loggers) : IAsyncDisposable, IDisposable
{
    private const string KeyHeader = "x-resource-service-api-key";

    private WebApplication? _server;

    /// <summary>Starts listening; returns the URL, with the real port.</summary>
    public async Task<string> StartAsync(DashboardSettings settings, CancellationToken cancellationToken)
    {
        var url = new Uri(settings.ResourceServiceUrl ?? "http://127.0.0.1:0");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (url.Port == 0)
            {
                kestrel.Listen(IPAddress.Loopback, 0, Http2);
            }
            else
            {
                kestrel.ListenLocalhost(url.Port, Http2);
            }
        });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(feed);
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton(interactions);
        builder.Services.AddSingleton(commands);

        _server = builder.Build();
        if (settings.ResourceServiceApiKey is { } key)
        {
            _server.Use((context, next) => RequireKey(context, key, next));
        }

        _server.UseRouting();
        _server.MapGrpcService<DashboardRpc>();
        await _server.StartAsync(cancellationToken);

        var address = _server.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        return url.Port == 0 ? address : url.GetLeftPart(UriPartial.Authority);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            await server.StopAsync();
            await server.DisposeAsync();
        }
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static void Http2(ListenOptions listen) => listen.Protocols = HttpProtocols.Http2;

    private static Task RequireKey(HttpContext context, string key, RequestDelegate next)
    {
        var given = Encoding.UTF8.GetBytes(context.Request.Headers[KeyHeader].ToString());
        if (CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes(key)))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    // Signals are the AppHost's business: it stops the dashboard first, then this server.
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
