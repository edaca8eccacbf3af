using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Aspire.Hosting.Testing;
using Azure.Messaging.ServiceBus;
using KedaJobs.Hosting.Local.Entities;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace KedaJobs.Tests.EndToEnd;

/// <summary>
/// The real AppHost with its dashboard and a browser that looks at it, once for all tests. It has a topic, a scheduled and a manual job
/// besides, so that there is a row of each kind.
/// </summary>
public sealed class DashboardFixture : IAsyncLifetime
{
    private DistributedApplication? _app;
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private DashboardPage? _page;
    private ServiceBusClient? _client;

    public DistributedApplication App => _app!;

    public ServiceBusClient Client => _client!;

    internal DashboardPage Page => _page!;

    public async Task InitializeAsync()
    {
        if (new BrowserFactAttribute().Skip is not null)
        {
            return;
        }

        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.KedaJobs_AppHost>(
            [
                // The orchestrator takes free ports instead.
                "--ASPNETCORE_URLS=http://localhost:15180",
                "--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://localhost:19180",
                $"--ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL=http://localhost:{AppHostProcess.FreePorts(1)[0]}",
                "--ASPIRE_ALLOW_UNSECURED_TRANSPORT=true",
                "--KedaJobs:Local:PollingInterval=00:00:00.5",
                "--KedaJobs:Jobs:worker:MinExecutions=1",
            ],
            (options, _) => options.DisableDashboard = false);
        builder.CreateResourceBuilder(builder.Resources.OfType<ProjectResource>().Single(project => project.Name == "worker"))
            .WithEnvironment("QueueJob__IdleTime", "00:05:00")
            .WithEnvironment("QueueJob__ShutdownGrace", "00:00:01");
        builder.CreateResourceBuilder(builder.Resources.OfType<AzureServiceBusResource>().Single()).AddServiceBusTopic("orders")
            .AddServiceBusSubscription("mail");
        builder.AddExecutable("nightly", "sleep", ".", "600").AsScheduledJob("0 3 1 1 *");
        builder.AddExecutable("migrate", "sleep", ".", "600").AsManualJob();
        builder.Services.AddSingleton(new EntityMonitorSettings(TimeSpan.FromSeconds(0.3)));
        _app = await builder.BuildAsync();
        await _app.StartAsync().WaitAsync(AppHostFixture.Patience);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("producer").WaitAsync(AppHostFixture.Patience);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("aspire-dashboard").WaitAsync(AppHostFixture.Patience);
        _client = new(await _app.GetConnectionStringAsync("messaging"));

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = BrowserFactAttribute.Chromium, Args = ["--no-sandbox"] });
        var page = await _browser.NewPageAsync(new() { ViewportSize = new() { Width = 1600, Height = 1000 } });
        var token = _app.Services.GetRequiredService<IConfiguration>()["AppHost:BrowserToken"];
        _page = new(page);
        await _page.LogInAsync(new Uri(_app.GetEndpoint("aspire-dashboard"), $"/login?t={token}"));
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }
}
