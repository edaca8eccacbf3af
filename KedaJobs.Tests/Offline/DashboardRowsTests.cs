using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.Wire;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Thing = KedaJobs.Tests.Offline.DashboardServiceFixture.Thing;

namespace KedaJobs.Tests.Offline;

/// <summary>What the dashboard gets for a snapshot; and that it never gets what would stop its page.</summary>
public sealed class DashboardRowsTests : IAsyncLifetime
{
    private static readonly DateTime Noon = new(2026, 1, 2, 12, 0, 0, DateTimeKind.Utc);

    private DashboardServiceFixture _service = null!;

    public async Task InitializeAsync() => _service = await DashboardServiceFixture.StartAsync();

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task A_snapshot_is_shown_with_all_it_says()
    {
        var parent = new Thing("worker");
        var child = new Thing("worker-01");
        await _service.PublishAsync(parent, new CustomResourceSnapshot { ResourceType = "Project", Properties = [] });
        await _service.PublishAsync(child, new CustomResourceSnapshot
        {
            ResourceType = "JobExecution",
            State = new ResourceStateSnapshot("Timed out", "error"),
            CreationTimeStamp = Noon,
            StartTimeStamp = Noon.AddSeconds(1),
            StopTimeStamp = Noon.AddSeconds(5),
            ExitCode = 137,
            IsHidden = true,
            IconName = "CalendarClock",
            IconVariant = IconVariant.Filled,
            Properties = [new("resource.parentName", "worker"), new("attempt", 2), new("waits", new[] { "a", "b" }), new("key", "s") { IsSensitive = true }],
            EnvironmentVariables = [new("MODE", "fast", IsFromSpec: true), new("PATH", null, IsFromSpec: false)],
            Urls = [new("http", "http://localhost:5180/", IsInternal: false) { DisplayProperties = new("API", 3), IsInactive = true }],
            Volumes = [new("data", "/data", "volume", IsReadOnly: true)],
            Relationships = [new("worker", "Parent")],
            Commands =
            [
                new("stop", ResourceCommandState.Disabled, "Stop", "Stops it", null, "Sure?", "Stop", IconVariant.Regular, IsHighlighted: true),
                new("internal", ResourceCommandState.Enabled, "For programs", null, null, null, null, null, false) { Visibility = ResourceCommandVisibility.Api },
            ],
        });

        var row = await _service.RowAsync("worker-01");

        var expected = new ResourceRow
        {
            Name = "worker-01",
            DisplayName = "worker-01",
            Uid = "worker-01",
            Type = "JobExecution",
            State = "Timed out",
            StateStyle = "error",
            CreatedAt = Timestamp.FromDateTime(Noon),
            StartedAt = Timestamp.FromDateTime(Noon.AddSeconds(1)),
            StoppedAt = Timestamp.FromDateTime(Noon.AddSeconds(5)),
            IsHidden = true,
            IconName = "CalendarClock",
            IconVariant = Icon.Filled,
            Environment = { new Variable { Name = "MODE", Value = "fast", IsFromSpec = true }, new Variable { Name = "PATH" } },
            Urls =
            {
                new Link
                {
                    EndpointName = "http",
                    FullUrl = "http://localhost:5180/",
                    IsInactive = true,
                    Display = new LinkDisplay { DisplayName = "API", SortOrder = 3 },
                },
            },
            Volumes = { new Mount { Source = "data", Target = "/data", Type = "volume", IsReadOnly = true } },
            Relationships = { new Relationship { ResourceName = "worker", Type = "Parent" } },
            Commands =
            {
                new Command
                {
                    Name = "stop",
                    DisplayName = "Stop",
                    Description = "Stops it",
                    ConfirmationMessage = "Sure?",
                    IconName = "Stop",
                    IconVariant = Icon.Regular,
                    IsHighlighted = true,
                    State = CommandState.CommandDisabled,
                },
            },
        };
        var properties = row.Properties.ToDictionary(p => p.Name);
        row.Properties.Clear();
        Assert.Equal(expected, row);
        Assert.Equal("worker", properties["resource.parentName"].Value.StringValue);
        Assert.Equal("137", properties["resource.exitCode"].Value.StringValue);
        Assert.Equal("Timed out", properties["resource.state"].Value.StringValue);
        Assert.Equal(2, properties["attempt"].Value.NumberValue);
        Assert.Equal(["a", "b"], properties["waits"].Value.ListValue.Values.Select(v => v.StringValue));
        Assert.True(properties["key"].IsSensitive);
    }

    [Fact]
    public async Task A_resource_that_says_nothing_still_has_what_the_page_needs()
    {
        await _service.PublishAsync(new Thing("bare"), new CustomResourceSnapshot { ResourceType = "", Properties = default });

        var row = await _service.RowAsync("bare");

        Assert.NotNull(row.CreatedAt);
        Assert.Equal("Thing", row.Type);
        Assert.False(row.HasState);
        Assert.All(row.Properties, p => Assert.NotEqual(Value.KindOneofCase.None, p.Value.KindCase));
    }

    [Fact]
    public async Task What_would_stop_the_page_is_repaired_or_dropped_and_said_once()
    {
        var snapshot = new CustomResourceSnapshot
        {
            ResourceType = "Project",
            Properties = [new("", 1), new("nothing", null)],
            Urls = [new("bad", "/relative", IsInternal: false), new(null, "http://localhost:1/", IsInternal: false) { DisplayProperties = null! }],
            EnvironmentVariables = [new(" ", "x", IsFromSpec: true)],
            Commands = [Command("", "Nameless"), Command("go", " "), Command("go", "Again")],
        };
        var resource = new Thing("odd");
        await _service.PublishAsync(resource, snapshot);
        await _service.PublishAsync(resource, snapshot);

        var row = await _service.RowAsync("odd");

        Assert.Equal(new LinkDisplay(), Assert.Single(row.Urls).Display);
        Assert.Empty(row.Environment);
        Assert.Equal("go", Assert.Single(row.Commands).DisplayName);
        Assert.Equal(Value.KindOneofCase.NullValue, row.Properties.Single(p => p.Name == "nothing").Value.KindCase);
        Assert.DoesNotContain(row.Properties, p => p.Name.Length == 0);
        Assert.Equal(
            [
                "Resource 'odd': a command without a name is not shown.",
                "Resource 'odd': a property without a name is not shown.",
                "Resource 'odd': the URL '/relative' is not absolute and is not shown.",
                "Resource 'odd': the command 'go' has no display name; its name is shown.",
            ],
            _service.Log.GetSnapshot().Select(record => record.Message).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Health_reports_keep_their_state_and_pending_ones_have_none()
    {
        var snapshot = new CustomResourceSnapshot { ResourceType = "Project", Properties = [], State = "Running" }.WithHealthReports(
        [
            new("web_http", HealthStatus.Unhealthy, "refused", "boom") { LastRunAt = Noon },
            new("slow", HealthStatus.Degraded, null, null),
            new("new", null, null, null),
        ]);
        await _service.PublishAsync(new Thing("web"), snapshot);

        var row = await _service.RowAsync("web");

        Assert.Equal(
            [
                new HealthCheck
                {
                    Key = "web_http",
                    Status = HealthState.Unhealthy,
                    Description = "refused",
                    Exception = "boom",
                    LastRunAt = Timestamp.FromDateTime(Noon),
                },
                new HealthCheck { Key = "slow", Status = HealthState.Degraded },
                new HealthCheck { Key = "new" },
            ],
            row.HealthReports);
        Assert.False(row.HealthReports[2].HasStatus);
        Assert.Equal("Unhealthy", row.Properties.Single(p => p.Name == "resource.healthState").Value.StringValue);
    }

    private static ResourceCommandSnapshot Command(string name, string displayName) =>
        new(name, ResourceCommandState.Enabled, displayName, null, null, null, null, null, IsHighlighted: false);
}
