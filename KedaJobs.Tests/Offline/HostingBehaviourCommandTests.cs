using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Tests.Offline;

public sealed class HostingBehaviourCommandTests
{
    [Fact]
    public async Task DisabledCommand_RunsWhenCalledByApi()
    {
        await using var fixture = new HostingFixture();
        var ran = 0;
        fixture.AddThing("thing").WithCommand("run-now", "Run now", _ =>
        {
            ran++;
            return Task.FromResult(CommandResults.Success());
        }, new CommandOptions { UpdateState = _ => ResourceCommandState.Disabled });
        await fixture.StartAsync();
        Assert.Equal(ResourceCommandState.Disabled, (await fixture.SnapshotAsync("thing", "it is there", _ => true)).Commands.Single().State);

        var result = await fixture.Application.ResourceCommands.ExecuteCommandAsync("thing", "run-now");

        Assert.True(result.Success);
        Assert.Equal(1, ran);
    }

    [Fact]
    public async Task UnknownCommandAndUnknownResource_AreFailuresNotExceptions()
    {
        await using var fixture = new HostingFixture();
        fixture.AddThing("thing");
        await fixture.StartAsync();

        var unknownCommand = await fixture.Application.ResourceCommands.ExecuteCommandAsync("thing", "nope");
        var unknownResource = await fixture.Application.ResourceCommands.ExecuteCommandAsync("nothing", "nope");

        Assert.Equal((false, "Command 'nope' not available for resource 'thing'."), (unknownCommand.Success, unknownCommand.Message));
        Assert.Equal((false, "Resource 'nothing' not found."), (unknownResource.Success, unknownResource.Message));
    }

    [Fact]
    public async Task Handler_GetsTheRowIdAndTheLogOfTheResource_AndIsAwaited()
    {
        await using var fixture = new HostingFixture();
        var held = new TaskCompletionSource();
        var rowId = "";
        var program = fixture.AddShell("program", "exec sleep 600").WithCommand("work", "Work", async context =>
        {
            rowId = context.ResourceName;
            await held.Task;
            return CommandResults.Success();
        });
        await fixture.StartAsync();

        var call = fixture.Application.ResourceCommands.ExecuteCommandAsync("program", "work");
        await fixture.LineAsync(program.Resource, "Executing command 'work'.");
        Assert.False(call.IsCompleted);
        held.SetResult();

        Assert.True((await call).Success);
        Assert.Matches("^program-[a-z]{8}$", rowId);
        await fixture.LineAsync(program.Resource, "Successfully executed command 'work'.");
    }

    [Fact]
    public async Task FailingHandler_IsAFailureWithItsMessage()
    {
        await using var fixture = new HostingFixture();
        fixture.AddThing("thing").WithCommand("break", "Break", _ => throw new InvalidOperationException("it is broken"));
        await fixture.StartAsync();

        var result = await fixture.Application.ResourceCommands.ExecuteCommandAsync("thing", "break");

        Assert.False(result.Success);
        Assert.Contains("it is broken", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UpdateState_IsAskedAtEachSnapshot()
    {
        await using var fixture = new HostingFixture();
        var thing = fixture.AddThing("thing").WithCommand("stop-run", "Stop run", _ => Task.FromResult(CommandResults.Success()), new CommandOptions
        {
            UpdateState = context => context.ResourceSnapshot.State?.Text == KnownResourceStates.Running ? ResourceCommandState.Enabled : ResourceCommandState.Hidden,
        });
        await fixture.StartAsync();
        Assert.Equal(ResourceCommandState.Hidden, (await fixture.SnapshotAsync("thing", "it is there", _ => true)).Commands.Single().State);

        await fixture.PublishStateAsync(thing.Resource, KnownResourceStates.Running);

        Assert.Equal(ResourceCommandState.Enabled, (await fixture.StateAsync("thing", KnownResourceStates.Running)).Commands.Single().State);
    }

    [Fact]
    public async Task Command_WorksOnARowOutsideTheModel()
    {
        await using var fixture = new HostingFixture();
        await fixture.StartAsync();
        var child = new ModelThing("execution");
        child.Annotations.Add(new ResourceCommandAnnotation("stop-run", "Stop run", _ => ResourceCommandState.Enabled, _ => Task.FromResult(CommandResults.Success("stopped")),
            null, (object?)null, null, null, null, false));
        await fixture.PublishStateAsync(child, KnownResourceStates.Running);

        var result = await fixture.Application.ResourceCommands.ExecuteCommandAsync("execution", "stop-run");

        Assert.Equal((true, "stopped"), (result.Success, result.Message));
    }

    [Fact]
    public async Task NameOfAResourceWithTwoRows_IsNotFound()
    {
        await using var fixture = new HostingFixture();
        await fixture.StartAsync();
        var program = new ModelThing("program");
        program.Annotations.Add(new ResourceCommandAnnotation("work", "Work", _ => ResourceCommandState.Enabled, _ => Task.FromResult(CommandResults.Success()),
            null, (object?)null, null, null, null, false));
        var commands = fixture.Application.ResourceCommands;

        await fixture.Notifications.PublishUpdateAsync(program, "program-a", s => s);
        Assert.True((await commands.ExecuteCommandAsync("program", "work")).Success);

        await fixture.Notifications.PublishUpdateAsync(program, "program-b", s => s);
        Assert.Equal("Resource 'program' not found.", (await commands.ExecuteCommandAsync("program", "work")).Message);
        Assert.True((await commands.ExecuteCommandAsync("program-b", "work")).Success);
    }

    /// <summary>How a declaration takes the built-in commands off a worker that it runs itself.</summary>
    [Fact]
    public async Task BuiltInCommands_StayAway_WhenAnnotationsAndSnapshotLoseThem()
    {
        string[] builtIn = [KnownResourceCommands.StartCommand, KnownResourceCommands.StopCommand, KnownResourceCommands.RestartCommand];
        await using var fixture = new HostingFixture();
        string[] atFirst = [];
        var program = fixture.AddShell("program", "exec sleep 600").WithExplicitStart().OnInitializeResource(async (resource, @event, _) =>
        {
            var annotations = resource.Annotations.OfType<ResourceCommandAnnotation>().Where(c => builtIn.Contains(c.Name)).ToArray();
            atFirst = [.. annotations.Select(c => c.Name)];
            foreach (var annotation in annotations)
            {
                resource.Annotations.Remove(annotation);
            }

            await @event.Notifications.PublishUpdateAsync(resource, s => s with { Commands = s.Commands.RemoveAll(c => builtIn.Contains(c.Name)) });
        });
        await fixture.StartAsync();

        Assert.Equal(builtIn, atFirst);
        Assert.Empty((await fixture.StateAsync("program", KnownResourceStates.NotStarted)).Commands);
        await fixture.PublishStateAsync(program.Resource, "Idle");
        Assert.Empty((await fixture.StateAsync("program", "Idle")).Commands);
    }

    [Fact]
    public async Task SnapshotAlone_NeverDropsACommand()
    {
        await using var fixture = new HostingFixture();
        var thing = fixture.AddThing("thing").WithCommand("work", "Work", _ => Task.FromResult(CommandResults.Success()));
        await fixture.StartAsync();
        thing.Resource.Annotations.Clear();

        await fixture.PublishStateAsync(thing.Resource, KnownResourceStates.Running);

        Assert.Equal("work", (await fixture.StateAsync("thing", KnownResourceStates.Running)).Commands.Single().Name);
    }
}
