using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Tests.Offline;

public sealed class HostingBehaviourHealthTests
{
    [Fact]
    public async Task HealthCheck_HoldsBackWaitersAndIsInheritedByParts()
    {
        await using var fixture = new HostingFixture();
        var result = HealthCheckResult.Unhealthy("not yet");
        fixture.Builder.Services.AddHealthChecks().AddCheck("broker", () => result);
        var parent = fixture.AddThing("namespace").WithHealthCheck("broker");
        var part = fixture.Builder.AddResource(new ModelPart("queue", parent.Resource));
        fixture.AddShell("program", "exec sleep 600").WaitFor(part);
        var start = fixture.BeginStart();

        await fixture.PublishStateAsync(parent.Resource, KnownResourceStates.Running);
        await fixture.PublishStateAsync(part.Resource, KnownResourceStates.Running);
        var sick = await fixture.SnapshotAsync("queue", "the part is checked too", s => s.HealthReports is [{ Status: HealthStatus.Unhealthy }]);
        Assert.Equal(HealthStatus.Unhealthy, sick.HealthStatus);
        Assert.Equal("not yet", sick.HealthReports[0].Description);
        Assert.Null(sick.ResourceReady);

        result = HealthCheckResult.Healthy();
        await fixture.StateAsync("program", KnownResourceStates.Running);
        Assert.True(fixture.Notifications.TryGetCurrentState("queue", out var queue));
        Assert.Equal(HealthStatus.Healthy, queue.Snapshot.HealthStatus);
        await start;
    }

    [Fact]
    public async Task ResourceWithoutCheck_IsHealthyWhileItRuns_AndOnlyThen()
    {
        await using var fixture = new HostingFixture();
        var thing = fixture.AddThing("thing");
        await fixture.StartAsync();

        await fixture.PublishStateAsync(thing.Resource, KnownResourceStates.Starting);
        Assert.Null((await fixture.StateAsync("thing", KnownResourceStates.Starting)).HealthStatus);
        await fixture.PublishStateAsync(thing.Resource, KnownResourceStates.Running);
        await Eventually.InTimeAsync("it is healthy", fixture.Notifications.WaitForResourceHealthyAsync("thing"));
    }

    [Fact]
    public async Task UnregisteredCheck_IsUnhealthyAndSaysWhy()
    {
        await using var fixture = new HostingFixture();
        var thing = fixture.AddThing("thing").WithHealthCheck("mistyped");
        await fixture.StartAsync();

        await fixture.PublishStateAsync(thing.Resource, KnownResourceStates.Running);

        var sick = await fixture.SnapshotAsync("thing", "it is checked", s => s.HealthReports is [{ Status: not null }]);
        Assert.Equal(HealthStatus.Unhealthy, sick.HealthStatus);
        Assert.Contains("'mistyped'", sick.HealthReports[0].Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HttpHealthCheck_AsksTheEndpoint()
    {
        var status = StatusCodes.Status503ServiceUnavailable;
        await using var server = await StartServerAsync(() => status);
        await using var fixture = new HostingFixture();
        var endpoint = new EndpointAnnotation(ProtocolType.Tcp, uriScheme: "http", name: "http");
        var thing = fixture.AddThing("site").WithAnnotation(endpoint).WithHttpHealthCheck("/health");
        endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "127.0.0.1", PortOf(server));
        await fixture.StartAsync();

        await fixture.PublishStateAsync(thing.Resource, KnownResourceStates.Running);
        var sick = await fixture.SnapshotAsync("site", "it is unhealthy", s => s.HealthReports is [{ Status: HealthStatus.Unhealthy }]);
        Assert.Equal("site_http_/health_200_check", sick.HealthReports[0].Name);
        Assert.Contains("503", sick.HealthReports[0].Description, StringComparison.Ordinal);

        status = StatusCodes.Status200OK;
        await Eventually.InTimeAsync("it is healthy", fixture.Notifications.WaitForResourceHealthyAsync("site"));
    }

    [Fact]
    public async Task WaitForResourceHealthy_FailsWhenTheResourceEndsFirst()
    {
        await using var fixture = new HostingFixture();
        fixture.Builder.Services.AddHealthChecks().AddCheck("sick", () => HealthCheckResult.Unhealthy());
        var thing = fixture.AddThing("thing").WithHealthCheck("sick");
        await fixture.StartAsync();
        await fixture.PublishStateAsync(thing.Resource, KnownResourceStates.Running);
        var wait = fixture.Notifications.WaitForResourceHealthyAsync("thing");

        await fixture.PublishStateAsync(thing.Resource, KnownResourceStates.Exited);

        await Assert.ThrowsAsync<DistributedApplicationException>(() => wait.WaitAsync(Eventually.DefaultDeadline));
    }

    private static int PortOf(WebApplication server) =>
        new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

    private static async Task<WebApplication> StartServerAsync(Func<int> status)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.Run(context =>
        {
            context.Response.StatusCode = context.Request.Path == "/health" ? status() : StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        await server.StartAsync();
        return server;
    }
}
