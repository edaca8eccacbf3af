using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Offline;

/// <summary>What may be hung on InitializeResourceEvent.</summary>
public sealed class HostingBehaviourInitializeTests
{
    [Fact]
    public async Task Handler_RunsInlineUpToItsFirstAwait_AndIsNotAwaited()
    {
        var record = new Record();
        var held = new TaskCompletionSource();
        await using var fixture = new HostingFixture();
        fixture.AddThing("first").OnInitializeResource(async (_, _, _) =>
        {
            record.Add("first, inline");
            await held.Task;
            record.Add("first, later");
        });
        fixture.AddThing("second").OnInitializeResource((_, _, _) =>
        {
            record.Add("second");
            return Task.CompletedTask;
        });
        fixture.AddShell("program", "exec sleep 600").WithEnvironment(_ => record.Add("environment"));

        await fixture.StartAsync();
        Assert.Equal(["first, inline", "second", "environment"], record.Entries);

        held.SetResult();
        await Eventually.SucceedsAsync("the handler goes on", () => Assert.Equal("first, later", record.Entries[^1]));
    }

    [Fact]
    public async Task FailingHandler_DoesNotStopTheOthers()
    {
        await using var fixture = new HostingFixture();
        var reached = false;
        fixture.AddThing("broken").OnInitializeResource((_, _, _) => throw new InvalidOperationException("on purpose"));
        fixture.AddThing("sound").OnInitializeResource((_, _, _) =>
        {
            reached = true;
            return Task.CompletedTask;
        });

        await fixture.StartAsync();

        Assert.True(reached);
    }

    /// <summary>The late emulator: an address and an image given inline serve consumers, and no container is started.</summary>
    [Fact]
    public async Task EndpointAllocatedInline_ServesConsumers_AndTheImageStartsNoContainer()
    {
        await using var fixture = new HostingFixture();
        var broker = fixture.Builder.AddResource(new Address("broker")).OnInitializeResource((resource, _, _) =>
        {
            var endpoint = new EndpointAnnotation(ProtocolType.Tcp, name: "emulator", port: 5999, isProxied: false);
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", 5999);
            resource.Annotations.Add(endpoint);
            resource.Annotations.Add(new ContainerImageAnnotation { Image = "none", Tag = "none" });
            return Task.CompletedTask;
        });
        var consumer = fixture.AddShell("consumer", "echo got $ConnectionStrings__broker").WithReference(broker);

        await fixture.StartAsync();

        await fixture.LineAsync(consumer.Resource, "got sb://localhost:5999");
        Assert.True(fixture.Notifications.TryGetCurrentState("broker", out var row));
        Assert.Null(row.Snapshot.State);
    }

    [Fact]
    public async Task ImageGivenBeforeTheStart_IsRefusedAsContainer()
    {
        await using var fixture = new HostingFixture();
        fixture.Builder.AddResource(new Address("broker")).WithAnnotation(new ContainerImageAnnotation { Image = "none", Tag = "none" });

        await fixture.StartAsync();

        await fixture.StateAsync("broker", KnownResourceStates.FailedToStart);
    }

    [Fact]
    public async Task ValueThatIsNeverAllocated_HoldsTheConsumerUntilTheStop_ThatFailsIt()
    {
        await using var fixture = new HostingFixture();
        var broker = fixture.Builder.AddResource(new Address("broker"));
        var consumer = fixture.AddShell("consumer", "exit 0").WithReference(broker);

        // The address belongs to an endpoint that nobody allocates.
        broker.Resource.Annotations.Add(new EndpointAnnotation(ProtocolType.Tcp, name: "emulator"));
        var start = fixture.BeginStart();
        await fixture.StateAsync("consumer", KnownResourceStates.Starting);
        await fixture.StopAsync();
        await start;

        var failed = await fixture.StateAsync("consumer", KnownResourceStates.FailedToStart);
        Assert.Equal(KnownResourceStateStyles.Error, failed.State?.Style);
        await fixture.LineAsync(consumer.Resource, "Failed to resolve environment variable 'ConnectionStrings__broker'");
    }

    /// <summary>A resource whose connection string is its endpoint's address.</summary>
    private sealed class Address(string name) : Resource(name), IResourceWithConnectionString, IResourceWithEndpoints
    {
        public ReferenceExpression ConnectionStringExpression =>
            ReferenceExpression.Create($"sb://{new EndpointReference(this, "emulator").Property(EndpointProperty.HostAndPort)}");
    }
}
