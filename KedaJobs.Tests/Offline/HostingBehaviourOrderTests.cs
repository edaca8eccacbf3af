using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Lifecycle;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KedaJobs.Tests.Offline;

/// <summary>The order in which the real host calls and raises things in run mode.</summary>
public sealed class HostingBehaviourOrderTests
{
    [Fact]
    public async Task Start_CallsAndRaisesInTheOrderOfTheRealHost()
    {
        var record = new Record();
        await using var fixture = new HostingFixture();
        fixture.Builder.Services.AddSingleton(record);
        fixture.Builder.Services.AddEventingSubscriber<RecordingSubscriber>();
        fixture.Builder.Services.AddSingleton<IBeforeStartStep>(new RecordingStep(record));
        fixture.Builder.Services.AddSingleton<IHostedService>(new RecordingService(record, "service"));
        fixture.Builder.OnBeforeStart((_, _) => Note("before start"));
        fixture.Builder.Eventing.Subscribe<AfterResourcesCreatedEvent>((_, _) => Note("resources created"));
        fixture.AddThing("first").OnInitializeResource((_, _, _) => Note("initialize first"));
        fixture.AddShell("program", "exec sleep 600")
            .OnInitializeResource((_, _, _) => Note("initialize program"))
            .OnResourceEndpointsAllocated((_, _, _) => Note("endpoints of program"))
            .OnBeforeResourceStarted((_, _, _) => Note("before program"))
            .WithEnvironment(_ => record.Add("environment of program"));
        fixture.AddThing("last").OnInitializeResource((_, _, _) => Note("initialize last"));

        await fixture.StartAsync();

        Assert.Equal(
            [
                "subscribe in Run mode",
                "before start",
                "before-start step",
                "service starting",
                "initialize first",
                "initialize program",
                "initialize last",
                "endpoints of program",
                "before program",
                "environment of program",
                "resources created",
                "service start",
                "service started",
            ],
            record.Entries);

        Task Note(string what)
        {
            record.Add(what);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Stop_CallsServicesInReverse_BeforeAnyProcessEnds()
    {
        var record = new Record();
        await using var fixture = new HostingFixture();
        fixture.AddShell("program", "exec sleep 600");
        fixture.Builder.Services.AddSingleton<IHostedService>(new RecordingService(record, "first"));
        fixture.Builder.Services.AddSingleton<IHostedService>(services => new ProgramWatcher(record, services.GetRequiredService<ResourceNotificationService>()));
        await fixture.StartAsync();

        await fixture.StopAsync();

        Assert.Equal(
            ["first starting", "first start", "first started", "first stopping", "program is Running at stop", "first stop", "first stopped"],
            record.Entries);
        Assert.True(fixture.Notifications.TryGetCurrentState("program", out var program));
        Assert.Equal(KnownResourceStates.Finished, program.Snapshot.State?.Text);
    }

    [Fact]
    public async Task HostedServices_AreStartedOnlyAfterAllWaits()
    {
        var record = new Record();
        await using var fixture = new HostingFixture();
        var dependency = fixture.AddThing("dependency");
        fixture.AddShell("program", "exec sleep 600").WaitFor(dependency);
        fixture.Builder.Services.AddSingleton<IHostedService>(new RecordingService(record, "service"));
        fixture.Builder.Eventing.Subscribe<AfterResourcesCreatedEvent>((_, _) =>
        {
            record.Add("resources created");
            return Task.CompletedTask;
        });

        var start = fixture.BeginStart();
        await fixture.StateAsync("program", KnownResourceStates.Waiting);

        Assert.Equal(["service starting"], record.Entries);
        Assert.False(start.IsCompleted);

        await fixture.PublishStateAsync(dependency.Resource, KnownResourceStates.Running);
        await start.WaitAsync(Eventually.DefaultDeadline);

        Assert.Equal(["service starting", "resources created", "service start", "service started"], record.Entries);
    }

    [Fact]
    public async Task ExplicitStart_DoesNotHoldUpTheStart()
    {
        await using var fixture = new HostingFixture();
        var dependency = fixture.AddThing("never-running");
        fixture.AddShell("program", "exec sleep 600").WaitFor(dependency).WithExplicitStart();

        await fixture.StartAsync();

        await fixture.StateAsync("program", KnownResourceStates.NotStarted);
    }

    [Fact]
    public async Task BeforeStart_SeesTheRebuilderOfEachProject()
    {
        await using var fixture = new HostingFixture();
        string[] names = [];
        fixture.Builder.AddProject("worker", Path.Combine(Repository.Root, "KedaJobs.Worker", "KedaJobs.Worker.csproj")).WithExplicitStart();
        fixture.Builder.OnBeforeStart((started, _) =>
        {
            names = [.. started.Model.Resources.Select(r => r.Name)];
            return Task.CompletedTask;
        });

        await fixture.StartAsync();

        Assert.Equal(["worker", "worker-rebuilder"], names);
        var rebuilder = await fixture.StateAsync("worker-rebuilder", KnownResourceStates.NotStarted);
        Assert.True(rebuilder.IsHidden);
    }

    private sealed class RecordingStep(Record record) : IBeforeStartStep
    {
        public Task RunAsync(DistributedApplicationModel model, CancellationToken cancellationToken)
        {
            record.Add("before-start step");
            return Task.CompletedTask;
        }
    }

    private sealed class ProgramWatcher(Record record, ResourceNotificationService notifications) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            Assert.True(notifications.TryGetCurrentState("program", out var program));
            record.Add($"program is {program.Snapshot.State?.Text} at stop");
            return Task.CompletedTask;
        }
    }
}
