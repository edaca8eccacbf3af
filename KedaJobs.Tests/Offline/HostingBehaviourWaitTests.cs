using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Tests.Offline;

/// <summary>Who waits for whom, and for what.</summary>
public sealed class HostingBehaviourWaitTests
{
    [Fact]
    public async Task WaitForAPart_WaitsForItsParentToo()
    {
        await using var fixture = new HostingFixture();
        var parent = fixture.AddThing("namespace");
        var part = fixture.Builder.AddResource(new ModelPart("queue", parent.Resource));
        fixture.AddShell("program", "exec sleep 600").WaitFor(part);

        var start = fixture.BeginStart();
        var waiting = await fixture.StateAsync("program", KnownResourceStates.Waiting);
        Assert.Equal(["namespace", "queue"], Assert.IsAssignableFrom<IEnumerable<string>>(waiting.Properties.Single(p => p.Name == "resource.waitingFor").Value).Order());

        await fixture.PublishStateAsync(part.Resource, KnownResourceStates.Running);
        await fixture.SnapshotAsync("queue", "the queue is ready", s => s.ResourceReady is not null);
        Assert.True(fixture.Notifications.TryGetCurrentState("program", out var program));
        Assert.Equal(KnownResourceStates.Waiting, program.Snapshot.State?.Text);

        await fixture.PublishStateAsync(parent.Resource, KnownResourceStates.Running);
        var running = await fixture.StateAsync("program", KnownResourceStates.Running);
        Assert.DoesNotContain(running.Properties, p => p.Name == "resource.waitingFor");
        await start;
    }

    [Fact]
    public async Task RunningState_RaisesTheReadyEvent_ForWhomTheWaitersWait()
    {
        await using var fixture = new HostingFixture();
        var handlers = new TaskCompletionSource();
        var raised = 0;
        var dependency = fixture.AddThing("dependency").OnResourceReady((_, _, _) =>
        {
            raised++;
            return handlers.Task;
        });
        fixture.AddShell("program", "exec sleep 600").WaitFor(dependency);
        var start = fixture.BeginStart();
        await fixture.StateAsync("program", KnownResourceStates.Waiting);

        await fixture.PublishStateAsync(dependency.Resource, KnownResourceStates.Running);
        await fixture.SnapshotAsync("dependency", "the ready event is raised", s => s.ResourceReady is not null);
        Assert.True(fixture.Notifications.TryGetCurrentState("program", out var program));
        Assert.Equal(KnownResourceStates.Waiting, program.Snapshot.State?.Text);

        handlers.SetResult();
        await fixture.StateAsync("program", KnownResourceStates.Running);
        await start;
        Assert.Equal(1, raised);
    }

    [Fact]
    public async Task ReadyEvent_IsRaisedForRowsOutsideTheModel_AndAgainForEachRun()
    {
        await using var fixture = new HostingFixture();
        var ready = new Record();
        fixture.Builder.Eventing.Subscribe<ResourceReadyEvent>((@event, _) =>
        {
            ready.Add(@event.Resource.Name);
            return Task.CompletedTask;
        });
        await fixture.StartAsync();
        var child = new ModelThing("execution");

        await fixture.PublishStateAsync(child, KnownResourceStates.Running);
        await Eventually.SucceedsAsync("the first run is ready", () => Assert.Equal(["execution"], ready.Entries));
        await fixture.PublishStateAsync(child, KnownResourceStates.Finished);
        await fixture.PublishStateAsync(child, KnownResourceStates.Running);
        await Eventually.SucceedsAsync("the second run is ready", () => Assert.Equal(["execution", "execution"], ready.Entries));
    }

    [Theory]
    [InlineData(0, 0, "Running")]
    [InlineData(3, 3, "Running")]
    [InlineData(3, 0, "FailedToStart")]
    public async Task WaitForCompletion_WantsTheExitCode(int exitCode, int wanted, string expected)
    {
        await using var fixture = new HostingFixture();
        var setup = fixture.AddShell("setup", $"exit {exitCode}");
        fixture.AddShell("program", "exec sleep 600").WaitForCompletion(setup, wanted);

        await fixture.StartAsync();

        await fixture.StateAsync("program", expected);
    }

    [Fact]
    public async Task WaitForStart_DoesNotWaitForHealth()
    {
        await using var fixture = new HostingFixture();
        fixture.Builder.Services.AddHealthChecks().AddCheck("sick", () => Microsoft.Extensions.Diagnostics.HealthChecks.HealthCheckResult.Unhealthy());
        var dependency = fixture.AddShell("dependency", "exec sleep 600").WithHealthCheck("sick");
        fixture.AddShell("program", "exec sleep 600").WaitForStart(dependency);

        await fixture.StartAsync();

        await fixture.StateAsync("program", KnownResourceStates.Running);
    }

    [Fact]
    public async Task DependencyThatEnds_FailsTheWaiter_WhenTheDashboardIsOff()
    {
        await using var fixture = new HostingFixture();
        var dependency = fixture.AddThing("dependency");
        fixture.AddShell("program", "exec sleep 600").WaitFor(dependency);
        var start = fixture.BeginStart();
        await fixture.StateAsync("program", KnownResourceStates.Waiting);

        await fixture.PublishStateAsync(dependency.Resource, KnownResourceStates.FailedToStart);

        await fixture.StateAsync("program", KnownResourceStates.FailedToStart);
        await start;
    }

    [Fact]
    public async Task DependencyThatEnds_IsWaitedForStill_WhenTheWaitSaysSo()
    {
        await using var fixture = new HostingFixture();
        var dependency = fixture.AddThing("dependency");
        fixture.AddShell("program", "exec sleep 600").WaitFor(dependency, WaitBehavior.WaitOnResourceUnavailable);
        var start = fixture.BeginStart();
        await fixture.StateAsync("program", KnownResourceStates.Waiting);

        await fixture.PublishStateAsync(dependency.Resource, KnownResourceStates.FailedToStart);
        await fixture.PublishStateAsync(dependency.Resource, KnownResourceStates.Running);

        await fixture.StateAsync("program", KnownResourceStates.Running);
        await start;
    }

    [Fact]
    public async Task StartCommand_EndsTheWaiting()
    {
        await using var fixture = new HostingFixture();
        fixture.AddShell("program", "exec sleep 600").WaitFor(fixture.AddThing("never"));
        var start = fixture.BeginStart();
        await fixture.StateAsync("program", KnownResourceStates.Waiting);

        var result = await fixture.Application.ResourceCommands.ExecuteCommandAsync("program", KnownResourceCommands.StartCommand);

        Assert.True(result.Success, result.Message);
        await fixture.StateAsync("program", KnownResourceStates.Running);
        await start;
    }

    [Fact]
    public void WaitForItself_IsRefused()
    {
        var builder = DistributedApplication.CreateBuilder();
        var program = builder.AddExecutable("program", "sh", ".");

        var error = Assert.Throws<DistributedApplicationException>(() => program.WaitFor(program));
        Assert.Equal("The 'program' resource cannot wait for itself.", error.Message);
    }
}
