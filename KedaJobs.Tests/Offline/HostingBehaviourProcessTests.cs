using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Offline;

/// <summary>The life of processes that the host runs.</summary>
public sealed class HostingBehaviourProcessTests
{
    [Fact]
    public async Task ProcessThatEnds_IsFinished_WithExitCodeTimesAndLog()
    {
        await using var fixture = new HostingFixture();
        var stopped = new TaskCompletionSource<CustomResourceSnapshot>();
        var program = fixture.AddShell("program", "echo out; echo problem >&2; exit 3").OnResourceStopped((_, @event, _) =>
        {
            stopped.TrySetResult(@event.ResourceEvent.Snapshot);
            return Task.CompletedTask;
        });
        await fixture.StartAsync();

        var ended = await fixture.StateAsync("program", KnownResourceStates.Finished);

        Assert.Equal(3, ended.ExitCode);
        Assert.Equal(3, ended.Properties.Single(p => p.Name == "resource.exitCode").Value);
        Assert.True(ended.StartTimeStamp <= ended.StopTimeStamp);
        Assert.Equal(["out", "problem"], (await fixture.LinesAsync(program.Resource)).Order());
        Assert.Equal(3, (await Eventually.InTimeAsync("the stop is told", stopped.Task)).ExitCode);
    }

    [Fact]
    public async Task RunningProcess_ShowsWhatItIs()
    {
        await using var fixture = new HostingFixture();
        fixture.AddShell("program", "exec sleep 600").WithEnvironment("MINE", "yes").WithHttpEndpoint(name: "web").WithUrlForEndpoint("web", url => url.DisplayText = "The site");
        await fixture.StartAsync();

        var running = await fixture.StateAsync("program", KnownResourceStates.Running);

        Assert.Equal("Executable", running.ResourceType);
        Assert.Contains(new EnvironmentVariableSnapshot("MINE", "yes", IsFromSpec: true), running.EnvironmentVariables);
        Assert.Contains(running.EnvironmentVariables, v => v is { Name: "PATH", IsFromSpec: false });
        Assert.Equal(fixture.Folder, running.Properties.Single(p => p.Name == "executable.workDir").Value);
        Assert.True(File.Exists($"/proc/{running.Properties.Single(p => p.Name == "executable.pid").Value}/stat"));
        var url = Assert.Single(running.Urls);
        Assert.Equal(("web", "The site", false), (url.Name, url.DisplayProperties.DisplayName, url.IsInactive));
        Assert.StartsWith("http://localhost:", url.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Process_GetsTheFilledPlaceholders_AndNotWhatIsTheHostsOwn()
    {
        await using var fixture = new HostingFixture();
        Environment.SetEnvironmentVariable("ASPIRE_LOGLEVEL", "Debug");
        var program = fixture.AddShell("program", "echo \"$OTEL_SERVICE_NAME / $OTEL_RESOURCE_ATTRIBUTES / $PORT / [$ASPIRE_LOGLEVEL]\"").WithOtlpExporter().WithHttpEndpoint(env: "PORT");
        try
        {
            await fixture.StartAsync();
            await fixture.StateAsync("program", KnownResourceStates.Finished);
        }
        finally
        {
            Environment.SetEnvironmentVariable("ASPIRE_LOGLEVEL", null);
        }

        Assert.True(fixture.Notifications.TryGetCurrentState("program", out var row));
        var suffix = row.ResourceId["program-".Length..];
        var port = program.GetEndpoint("http").Port;
        Assert.Equal([$"program / service.instance.id={suffix} / {port} / []"], await fixture.LinesAsync(program.Resource));
    }

    [Fact]
    public async Task StopCommand_AsksPolitely_AndStartCommandStartsAgain()
    {
        await using var fixture = new HostingFixture();
        var program = fixture.AddShell("program", "trap 'echo goodbye; exit 0' TERM; echo up; while :; do sleep 0.05; done");
        await fixture.StartAsync();
        await fixture.LineAsync(program.Resource, "up");

        Assert.True((await fixture.Application.ResourceCommands.ExecuteCommandAsync("program", KnownResourceCommands.StopCommand)).Success);
        var ended = await fixture.StateAsync("program", KnownResourceStates.Finished);
        Assert.Equal(0, ended.ExitCode);
        await fixture.LineAsync(program.Resource, "goodbye");

        Assert.True((await fixture.Application.ResourceCommands.ExecuteCommandAsync("program", KnownResourceCommands.StartCommand)).Success);
        var again = await fixture.StateAsync("program", KnownResourceStates.Running);
        Assert.Null(again.ExitCode);
        Assert.Null(again.StopTimeStamp);
        Assert.DoesNotContain(again.Properties, p => p.Name == "resource.exitCode");
    }

    [Fact]
    public async Task RestartCommand_GivesANewProcess()
    {
        await using var fixture = new HostingFixture();
        fixture.AddShell("program", "exec sleep 600");
        await fixture.StartAsync();
        var first = PidOf(await fixture.StateAsync("program", KnownResourceStates.Running));

        Assert.True((await fixture.Application.ResourceCommands.ExecuteCommandAsync("program", KnownResourceCommands.RestartCommand)).Success);

        var second = PidOf(await fixture.SnapshotAsync("program", "another process runs", s => s.State?.Text == KnownResourceStates.Running && PidOf(s) != first));
        Assert.False(Directory.Exists($"/proc/{first}"));
        Assert.True(Directory.Exists($"/proc/{second}"));
    }

    [Fact]
    public async Task ExplicitStart_RunsOnlyByCommand()
    {
        await using var fixture = new HostingFixture();
        var program = fixture.AddShell("program", "echo ran").WithExplicitStart();
        await fixture.StartAsync();
        await fixture.StateAsync("program", KnownResourceStates.NotStarted);
        Assert.Empty(await fixture.LinesAsync(program.Resource));

        await fixture.Application.ResourceCommands.ExecuteCommandAsync(program.Resource, KnownResourceCommands.StartCommand);

        await fixture.StateAsync("program", KnownResourceStates.Finished);
        await fixture.LineAsync(program.Resource, "ran");
    }

    [Theory]
    [InlineData("no-such-program-at-all", ".", "was not found: install it, or correct the command")]
    [InlineData("sh", "no-such-folder", "does not exist")]
    public async Task ProgramThatCannotBeStarted_FailsAlone_WithOneLine(string command, string folder, string message)
    {
        await using var fixture = new HostingFixture();
        var broken = fixture.Builder.AddExecutable("broken", command, folder);
        fixture.AddShell("sound", "exec sleep 600");

        await fixture.StartAsync();

        await fixture.StateAsync("broken", KnownResourceStates.FailedToStart);
        await fixture.StateAsync("sound", KnownResourceStates.Running);
        Assert.Contains(message, Assert.Single(await fixture.LinesAsync(broken.Resource)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BusyPort_IsOneLineThatSaysWhatToDo_AndMendsWithAStart()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var fixture = new HostingFixture();
        fixture.Builder.Configuration["DcpPublisher:RandomizePorts"] = "false";
        var program = fixture.AddShell("program", "exec sleep 600").WithHttpEndpoint(port: port);

        await fixture.StartAsync();

        await fixture.StateAsync("program", KnownResourceStates.FailedToStart);
        Assert.Equal(
            [$"Port {port} (endpoint 'http' of 'program') is in use by another program. Stop that program, or give the endpoint another port."],
            await fixture.LinesAsync(program.Resource));

        other.Stop();
        Assert.True((await fixture.Application.ResourceCommands.ExecuteCommandAsync("program", KnownResourceCommands.StartCommand)).Success);
        await fixture.StateAsync("program", KnownResourceStates.Running);
    }

    [Fact]
    public async Task FixedPort_IsTheProcessesOwn_UnlessPortsAreRandomized()
    {
        var port = FreePort();
        await using var fixedPorts = new HostingFixture();
        fixedPorts.Builder.Configuration["DcpPublisher:RandomizePorts"] = "false";
        var program = fixedPorts.AddShell("program", "echo \"$PORT\"").WithHttpEndpoint(port: port, env: "PORT");
        await fixedPorts.StartAsync();
        await fixedPorts.LineAsync(program.Resource, port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal($"http://localhost:{port}", program.GetEndpoint("http").Url);

        await using var randomPorts = new HostingFixture();
        var other = randomPorts.AddShell("program", "exec sleep 600").WithHttpEndpoint(port: port);
        await randomPorts.StartAsync();
        Assert.NotEqual(port, other.GetEndpoint("http").Port);
    }

    [Fact]
    public async Task OwnTargetPort_StandsBehindThePublicOne()
    {
        var targetPort = FreePort();
        await using var fixture = new HostingFixture();
        var program = fixture.AddShell("program", "exec sleep 600").WithEndpoint(targetPort: targetPort, scheme: "tcp", name: "echo");
        await fixture.StartAsync();
        using var listener = new TcpListener(IPAddress.Loopback, targetPort);
        listener.Start();

        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, program.GetEndpoint("echo").Port);
        using var server = await listener.AcceptTcpClientAsync().WaitAsync(Eventually.DefaultDeadline);
        await client.GetStream().WriteAsync("ping"u8.ToArray());
        var bytes = new byte[4];
        await server.GetStream().ReadExactlyAsync(bytes).AsTask().WaitAsync(Eventually.DefaultDeadline);

        Assert.NotEqual(targetPort, program.GetEndpoint("echo").Port);
        Assert.Equal("ping"u8.ToArray(), bytes);
    }

    private static object? PidOf(CustomResourceSnapshot snapshot) => snapshot.Properties.Single(p => p.Name == "executable.pid").Value;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
