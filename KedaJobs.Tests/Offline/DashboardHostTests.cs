using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Tests.Offline;

/// <summary>The real dashboard beside an application, as far as it can be seen without a browser.</summary>
public sealed class DashboardHostTests
{
    private const string Dashboard = "aspire-dashboard";

    [DashboardFact]
    public async Task It_runs_hidden_with_every_door_locked_and_ends_with_its_host()
    {
        var builder = CreateBuilder();
        var app = builder.Build();
        await using (app)
        {
            await app.StartAsync();
            var row = await RunningAsync(app);
            Assert.True(row.Snapshot.IsHidden);
            var url = Url(row);
            using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });

            using var stranger = await http.GetAsync(url);
            Assert.Equal(HttpStatusCode.Redirect, stranger.StatusCode);
            Assert.Equal("/login", stranger.Headers.Location!.AbsolutePath);
            using var guest = await http.GetAsync(new Uri(url, $"/login?t={builder.Configuration["AppHost:BrowserToken"]}"));
            Assert.Equal("/", guest.Headers.Location!.OriginalString);
            Assert.Contains(guest.Headers.GetValues("Set-Cookie"), c => c.Contains("Dashboard.Auth", StringComparison.Ordinal));

            using var keyless = await http.GetAsync(new Uri(url, "/api/telemetry/resources"));
            Assert.Equal(HttpStatusCode.Unauthorized, keyless.StatusCode);
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url, "/api/telemetry/resources"));
            request.Headers.Add("x-api-key", builder.Configuration["AppHost:DashboardApiKey"]);
            using var api = await http.SendAsync(request);
            Assert.Equal("[]", await api.Content.ReadAsStringAsync());

            using var process = Process.GetProcessById(ProcessId(row));
            await app.StopAsync();
            Assert.True(process.HasExited);
        }
    }

    [DashboardFact]
    public async Task It_is_started_again_when_it_dies()
    {
        await using var app = CreateBuilder().Build();
        await app.StartAsync();
        var first = await RunningAsync(app);
        using (var process = Process.GetProcessById(ProcessId(first)))
        {
            process.Kill();
        }

        var second = await RunningAsync(app, after: first);
        Assert.NotEqual(ProcessId(first), ProcessId(second));
        using var http = new HttpClient();
        using var page = await http.GetAsync(new Uri(Url(second), "/login"));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [DashboardFact]
    public async Task Its_console_is_the_log_of_its_row()
    {
        await using var app = CreateBuilder().Build();
        await app.StartAsync();
        await RunningAsync(app);

        var lines = new List<string>();
        await foreach (var batch in app.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(Dashboard))
        {
            lines.AddRange(batch.Select(l => l.Content));
        }

        Assert.Contains(lines, l => l.Contains("Now listening on:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_busy_port_is_named_and_nothing_is_started()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var app = CreateBuilder($"--ASPNETCORE_URLS=http://localhost:{port}").Build();

        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => app.StartAsync());

        Assert.Equal(
            $"Port {port} (the dashboard) is in use by another program: stop that one (perhaps an AppHost that still runs), " +
            "or choose another port with ASPNETCORE_URLS in the AppHost's launch profile.",
            refused.Message);
    }

    [Theory]
    [InlineData("--DcpPublisher:DashboardPath=/nowhere", "./run")]
    [InlineData("--ASPIRE_ALLOW_UNSECURED_TRANSPORT=false", "ASPIRE_ALLOW_UNSECURED_TRANSPORT=true")]
    [InlineData("--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://example.com:4317", "must be an address of this machine")]
    [InlineData("--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=", "set ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL")]
    [InlineData("--ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL=https://localhost:5", "must be a plain http address")]
    [InlineData("--ASPNETCORE_URLS=localhost", "must be an http or https URL")]
    public async Task A_setting_that_cannot_work_is_refused_with_what_to_do(string setting, string cure)
    {
        await using var app = CreateBuilder(setting).Build();

        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => app.StartAsync());

        Assert.Contains(cure, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public async Task Without_an_address_the_start_is_refused()
    {
        await using var app = CreateBuilder("--ASPNETCORE_URLS=").Build();

        Assert.Contains("ASPNETCORE_URLS", (await Assert.ThrowsAsync<StartRefusedException>(() => app.StartAsync())).Message, StringComparison.Ordinal);
    }

    private static IDistributedApplicationBuilder CreateBuilder(params string[] settings)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            AssemblyName = typeof(Projects.KedaJobs_AppHost).Assembly.GetName().Name,
            Args =
            [
                "--ASPNETCORE_URLS=http://127.0.0.1:0",
                "--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://127.0.0.1:0",
                "--ASPIRE_ALLOW_UNSECURED_TRANSPORT=true",
                .. settings,
            ],
        });
        builder.Services.AddLogging(logging => logging.ClearProviders());
        return builder;
    }

    private static Task<ResourceEvent> RunningAsync(DistributedApplication app, ResourceEvent? after = null) => Eventually.InTimeAsync(
        "the dashboard runs",
        app.ResourceNotifications.WaitForResourceAsync(
            Dashboard,
            e => e.Snapshot.State?.Text == KnownResourceStates.Running && (after is null || ProcessId(e) != ProcessId(after)),
            CancellationToken.None));

    private static Uri Url(ResourceEvent row) => new(Assert.Single(row.Snapshot.Urls).Url);

    private static int ProcessId(ResourceEvent row) =>
        Convert.ToInt32(row.Snapshot.Properties.Single(p => p.Name == "executable.pid").Value, CultureInfo.InvariantCulture);
}
