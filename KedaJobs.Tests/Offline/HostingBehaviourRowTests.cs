using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Tests.Offline;

/// <summary>Rows: how they are identified, hidden, logged, nested; what a reused slot relies on.</summary>
public sealed class HostingBehaviourRowTests
{
    [Fact]
    public async Task AnotherObjectUnderAnExistingId_IsRefused()
    {
        await using var fixture = new HostingFixture();
        await fixture.StartAsync();
        await fixture.PublishStateAsync(new ModelThing("execution"), KnownResourceStates.Running);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.PublishStateAsync(new ModelThing("execution"), KnownResourceStates.Running));
        Assert.Contains("Resource instance doesn't match resource previously registered", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HiddenRow_IsStillThere_WithItsLog()
    {
        await using var fixture = new HostingFixture();
        await fixture.StartAsync();
        var child = new ModelThing("execution");
        await fixture.PublishStateAsync(child, KnownResourceStates.Finished);
        fixture.Logs.GetLogger(child).LogInformation("done");

        await fixture.Notifications.PublishUpdateAsync(child, s => s with { IsHidden = true });

        var replayed = new List<string>();
        using var stop = new CancellationTokenSource();
        await foreach (var row in fixture.Notifications.WatchAsync(stop.Token))
        {
            replayed.Add(row.ResourceId);
            if (row.ResourceId == "execution")
            {
                Assert.True(row.Snapshot.IsHidden);
                break;
            }
        }

        Assert.Equal(["execution"], replayed);
        Assert.Equal(["done"], await fixture.LinesAsync(child));
    }

    [Fact]
    public async Task Complete_DropsLaterLines_AlsoThroughANewLogger()
    {
        await using var fixture = new HostingFixture();
        var child = new ModelThing("execution");
        var logger = fixture.Logs.GetLogger(child);
        logger.LogInformation("before");

        fixture.Logs.Complete(child);
        logger.LogInformation("after");
        fixture.Logs.GetLogger(child).LogInformation("after, new logger");

        Assert.Equal(["before"], await fixture.LinesAsync(child));
    }

    [Fact]
    public async Task LogReader_GetsTheBacklogThenNewLines_ErrorsTagged_UntilComplete()
    {
        await using var fixture = new HostingFixture();
        var child = new ModelThing("execution");
        var logger = fixture.Logs.GetLogger(child);
        logger.LogInformation("first");
        logger.LogWarning("second");
        List<LogLine> lines = [];
        var reading = Task.Run(async () =>
        {
            await foreach (var batch in fixture.Logs.WatchAsync(child))
            {
                lock (lines)
                {
                    lines.AddRange(batch);
                }
            }
        });
        await Eventually.SucceedsAsync("the backlog is read", () =>
        {
            lock (lines)
            {
                Assert.Equal(2, lines.Count);
            }
        });

        logger.LogError("third");
        fixture.Logs.Complete(child);
        await reading.WaitAsync(Eventually.DefaultDeadline);

        Assert.Equal([(1, false), (2, false), (3, true)], lines.Select(l => (l.LineNumber, l.IsErrorMessage)));
        Assert.All(lines, line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z (first|second|third)$", line.Content));
    }

    [Fact]
    public async Task ClearBacklog_StartsALogAnew()
    {
        await using var fixture = new HostingFixture();
        var slot = new ModelThing("slot");
        fixture.Logs.GetLogger(slot).LogInformation("last run");

        fixture.Logs.ClearBacklog("slot");
        fixture.Logs.GetLogger(slot).LogInformation("this run");

        Assert.Equal(["this run"], await fixture.LinesAsync(slot));
    }

    [Fact]
    public async Task Slot_IsNestedUnderItsParentsRow_AndHiddenUntilUsed()
    {
        await using var fixture = new HostingFixture();
        var worker = fixture.AddShell("worker", "exec sleep 600").WithExplicitStart();
        var slot = fixture.AddThing("worker-01").WithParentRelationship(worker).ExcludeFromManifest().WithInitialState(new CustomResourceSnapshot
        {
            ResourceType = "JobRun",
            Properties = [],
            IsHidden = true,
            State = KnownResourceStates.NotStarted,
        });
        await fixture.StartAsync();

        var hidden = await fixture.SnapshotAsync("worker-01", "it is there", _ => true);
        Assert.True(hidden.IsHidden);
        Assert.Equal("JobRun", hidden.ResourceType);
        Assert.Equal([new RelationshipSnapshot("worker", "Parent")], hidden.Relationships.ToArray());
        Assert.Matches("^worker-[a-z]{8}$", Assert.IsType<string>(hidden.Properties.Single(p => p.Name == "resource.parentName").Value));

        await fixture.Notifications.PublishUpdateAsync(slot.Resource, s => s with { IsHidden = false, State = KnownResourceStates.Running, ExitCode = null });
        await fixture.Notifications.PublishUpdateAsync(slot.Resource, s => s with { State = KnownResourceStates.Finished, ExitCode = 0 });
        var ended = await fixture.SnapshotAsync("worker-01", "it has an exit code", s => s.ExitCode is not null);
        Assert.False(ended.IsHidden);
    }

    [Fact]
    public async Task OwnStateTextOnAnExplicitStartProject_IsKept_AndSeenByTheCommands()
    {
        await using var fixture = new HostingFixture();
        var worker = fixture.AddShell("worker", "exec sleep 600").WithExplicitStart();
        await fixture.StartAsync();

        await fixture.Notifications.PublishUpdateAsync(worker.Resource, s => s with { State = new ResourceStateSnapshot("Idle (0 running)", KnownResourceStateStyles.Success) });

        var states = (await fixture.StateAsync("worker", "Idle (0 running)")).Commands.ToDictionary(c => c.Name, c => c.State);
        Assert.Equal(ResourceCommandState.Hidden, states[KnownResourceCommands.StartCommand]);
        Assert.Equal(ResourceCommandState.Enabled, states[KnownResourceCommands.StopCommand]);
        Assert.Equal(ResourceCommandState.Enabled, states[KnownResourceCommands.RestartCommand]);
    }

    [Fact]
    public async Task FirstSnapshotOfAProcess_HasNoState()
    {
        await using var fixture = new HostingFixture();
        CustomResourceSnapshot? first = null;
        fixture.AddShell("worker", "exec sleep 600").WithExplicitStart().OnInitializeResource((_, @event, _) =>
        {
            first = @event.Notifications.TryGetCurrentState("worker", out var row) ? row.Snapshot : null;
            return Task.CompletedTask;
        });

        await fixture.StartAsync();

        Assert.NotNull(first);
        Assert.Null(first.State);
        await fixture.StateAsync("worker", KnownResourceStates.NotStarted);
    }

    [Fact]
    public async Task Parameter_ShowsItsValueOrWhatIsMissing()
    {
        await using var fixture = new HostingFixture();
        fixture.Builder.Configuration["Parameters:known"] = "42";
        fixture.Builder.AddParameter("known");
        fixture.Builder.AddParameter("missing");
        await fixture.StartAsync();

        var known = await fixture.StateAsync("known", KnownResourceStates.Running);
        Assert.Equal("42", known.Properties.Single(p => p.Name == "Value").Value);
        var missing = await fixture.StateAsync("missing", KnownResourceStates.ValueMissing);
        Assert.Contains("Parameters:missing", missing.Properties.Single(p => p.Name == "Value").Value?.ToString(), StringComparison.Ordinal);
    }
}
