using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Dashboard.Wire;
using Grpc.Core;
using Grpc.Net.Client;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace KedaJobs.Tests.Offline;

/// <summary>The resource service alone, with a client in the dashboard's place.</summary>
internal sealed class DashboardServiceFixture : IAsyncDisposable
{
    private const string Key = "the key of this test";

    private readonly IHost _host;
    private readonly GrpcChannel _channel;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _feed;

    private DashboardServiceFixture(IHost host, string url)
    {
        _host = host;
        _channel = GrpcChannel.ForAddress(url);
        _feed = Get<ResourceFeed>().RunAsync(_end.Token);
        Client = new DashboardService.DashboardServiceClient(_channel);
    }

    public DashboardService.DashboardServiceClient Client { get; }

    public ResourceNotificationService Notifications => Get<ResourceNotificationService>();

    public ResourceLoggerService Logs => Get<ResourceLoggerService>();

    public ResourceFeed Feed => Get<ResourceFeed>();

    /// <summary>Warnings and errors.</summary>
    public FakeLogCollector Log => _host.Services.GetFakeLogCollector();

    public CallOptions Options => new(new Metadata { { "x-resource-service-api-key", Key } }, cancellationToken: _end.Token);

    public CallOptions WrongKey => new(new Metadata { { "x-resource-service-api-key", "guessed" } }, cancellationToken: _end.Token);

    public static async Task<DashboardServiceFixture> StartAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<ResourceLoggerService>();
        builder.Services.AddSingleton<ResourceNotificationService>();
        builder.Services.AddSingleton(services => new ResourceCommandService(
            services.GetRequiredService<ResourceNotificationService>(), services.GetRequiredService<ResourceLoggerService>(), services));
        builder.Services.AddSingleton<ResourceFeed>();
        builder.Services.AddSingleton<InteractionHub>();
        builder.Services.AddSingleton<CommandRunner>();
        builder.Services.AddSingleton<ResourceServiceHost>();
        builder.Services.AddFakeLogging(log => log.FilteredLevels = new HashSet<LogLevel> { LogLevel.Warning, LogLevel.Error, LogLevel.Critical });
        var host = builder.Build();
        var url = await host.Services.GetRequiredService<ResourceServiceHost>().StartAsync(
            new DashboardSettings
            {
                ApplicationName = "Shop",
                FrontendUrls = "http://localhost:0",
                ExecutablePath = "none",
                HomePath = "none",
                ResourceServiceApiKey = Key,
            },
            CancellationToken.None);
        return new DashboardServiceFixture(host, url);
    }

    public Task PublishAsync(IResource resource, CustomResourceSnapshot snapshot) => Notifications.PublishUpdateAsync(resource, _ => snapshot);

    /// <summary>The row as a dashboard that looks now gets it.</summary>
    public async Task<ResourceRow> RowAsync(string name)
    {
        ResourceRow? row = null;
        await Eventually.SucceedsAsync($"row '{name}' is sent", async () =>
        {
            using var call = Client.WatchResources(new ResourcesQuery(), Options);
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
            row = call.ResponseStream.Current.All.Resources.SingleOrDefault(r => r.Name == name);
            Assert.NotNull(row);
        });
        return row!;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _feed.ContinueWith(_ => { }, TaskScheduler.Default);
        _channel.Dispose();
        await Get<ResourceServiceHost>().DisposeAsync();
        _host.Dispose();
        _end.Dispose();
    }

    private T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>A resource of nothing but a name.</summary>
    internal sealed class Thing(string name) : Resource(name);
}
