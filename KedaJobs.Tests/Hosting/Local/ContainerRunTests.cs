using System.Runtime.Versioning;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using KedaJobs.Hosting;
using KedaJobs.Scaling.Executions;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Hosting.Local;

/// <summary>Container workers, with a script in the place of the container runtime that notes what it is asked for.</summary>
public sealed class ContainerRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("container");

    private string Tool => _folder.At("docker");

    private string Calls => _folder.At("calls");

    public void Dispose() => _folder.Dispose();

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Container_runs_through_the_runtime_with_its_environment_and_reaches_the_broker()
    {
        WriteTool("""
            [ "$1" = run ] || exit 0
            echo "jobs=$JOBS_HOST:$JOBS_PORT|greeting=$GREETING|home=$HOME"
            exit 7
            """);
        await using var builder = DistributedApplicationTestingBuilder.Create($"--KedaJobs:Local:ContainerRuntime={Tool}");
        var jobs = builder.AddAzureServiceBus("messaging").RunAsEmbedded().AddServiceBusQueue("jobs");
        builder.AddContainer("box", "registry.example/tools/box", "1.2").WithArgs("--once", "a b")
            .WithReference(jobs)
            .WithEnvironment("GREETING", "hello\nworld")
            .WithEnvironment("HOME", "/home/box")
            .WithBindMount(_folder.FullName, "/data", isReadOnly: true)
            .WithContainerRuntimeArgs("--init")
            .WithImagePullPolicy(ImagePullPolicy.Missing)
            .AsEventJob(jobs);
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);
        var job = app.GetJob("box");
        await job.WaitForIdleAsync(Eventually.DefaultDeadline);
        Assert.Null(job.Current.Problem);

        var execution = await job.StartExecutionAsync();
        var ended = await job.WaitForExecutionAsync(execution.Name, Eventually.DefaultDeadline);

        Assert.Equal((ExecutionStatus.Failed, 7), (ended.Status, ended.ExitCode));
        var run = (await File.ReadAllLinesAsync(Calls)).Single(line => line.StartsWith("run ", StringComparison.Ordinal));
        Assert.Matches($"^run --rm --name {execution.Name}-0-[0-9]+ ", run);
        Assert.EndsWith(
            $" --mount type=bind,source={_folder.FullName},target=/data,readonly --pull missing --init "
                + "registry.example/tools/box:1.2 --once a b", run, StringComparison.Ordinal);
        Assert.Contains(" --env ConnectionStrings__jobs --", run, StringComparison.Ordinal);
        Assert.Contains(" --env HOME=/home/box --", run, StringComparison.Ordinal);
        Assert.Contains(" --env CONTAINER_APP_JOB_NAME=box --", run, StringComparison.Ordinal);
        Assert.DoesNotContain("SharedAccessKey", run, StringComparison.Ordinal);
        Assert.DoesNotContain(" PATH", run, StringComparison.Ordinal);
        var log = job.GetLog(execution.Name);
        Assert.Contains(
            log, line => line.StartsWith("jobs=host.docker.internal:", StringComparison.Ordinal)
                && !line.Contains("$", StringComparison.Ordinal));
        // The tool keeps its own home, where its configuration and its sign-ins are.
        Assert.Contains($"world|home={Environment.GetEnvironmentVariable("HOME")}", log);
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Killed_execution_leaves_no_container()
    {
        WriteTool("""
            [ "$1" = run ] || exit 0
            trap '' TERM
            echo ready
            sleep 600
            """);
        await using var builder = DistributedApplicationTestingBuilder.Create(
            $"--KedaJobs:Local:ContainerRuntime={Tool}", "--KedaJobs:Local:ShutdownGrace=00:00:01");
        builder.AddContainer("box", "box").AsManualJob();
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);
        var job = app.GetJob("box");
        var execution = await job.StartExecutionAsync();
        await Eventually.SucceedsAsync("the container runs", () =>
        {
            Assert.Contains("ready", job.GetLog(execution.Name));
            return Task.CompletedTask;
        });

        await app.StopAsync().WaitAsync(Eventually.DefaultDeadline);

        await Eventually.SucceedsAsync("the container is removed", async () => Assert.Contains(
            await File.ReadAllLinesAsync(Calls), line => line.StartsWith($"rm --force {execution.Name}-0-", StringComparison.Ordinal)));
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public async Task Engine_that_does_not_answer_is_a_problem_of_the_row_and_the_application_starts_all_the_same()
    {
        WriteTool("""
            echo "Cannot connect to the engine." >&2
            exit 1
            """);
        await using var builder = DistributedApplicationTestingBuilder.Create($"--KedaJobs:Local:ContainerRuntime={Tool}");
        builder.AddContainer("box", "box").AsManualJob();
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);

        var row = (await Eventually.InTimeAsync("the problem", app.ResourceNotifications.WaitForResourceAsync(
            "box", update => update.Snapshot.Properties.Any(property => property.Name == "Problem")))).Snapshot;

        Assert.Equal(
            $"'box' is a container, and {Tool} cannot reach its engine. Start it to run the job here. Cannot connect to the engine.",
            row.Properties.Single(property => property.Name == "Problem").Value);
        Assert.Equal((KnownResourceStates.Running, KnownResourceStateStyles.Error), (row.State?.Text, row.State?.Style));
        await Assert.ThrowsAsync<JobException>(() => app.GetJob("box").StartExecutionAsync());
    }

    [Fact]
    public async Task No_runtime_is_a_problem_of_the_row()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create("--KedaJobs:Local:ContainerRuntime=kedajobs-no-such-runtime");
        builder.AddContainer("box", "box").AsManualJob();
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);

        var job = await app.GetJob("box").WaitForAsync(snapshot => snapshot.Problem is not null, Eventually.DefaultDeadline);

        Assert.StartsWith(
            "'box' is a container, and no container runtime was found (kedajobs-no-such-runtime).", job.Problem, StringComparison.Ordinal);
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task Files_that_would_be_left_out_are_a_problem_of_the_row()
    {
        WriteTool("exit 0");
        await using var builder = DistributedApplicationTestingBuilder.Create($"--KedaJobs:Local:ContainerRuntime={Tool}");
        builder.AddContainer("box", "box").WithContainerFiles("/etc/box", [new ContainerFile { Name = "settings", Contents = "a=b" }])
            .AsManualJob();
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);

        var refused = await Assert.ThrowsAsync<JobException>(
            () => app.GetJob("box").StartExecutionAsync().WaitAsync(Eventually.DefaultDeadline));

        Assert.Contains(
            "'box' has files from WithContainerFiles, which executions on this machine don't get.", refused.Message,
            StringComparison.Ordinal);
    }

    [UnsupportedOSPlatform("windows")]
    private void WriteTool(string script)
    {
        File.WriteAllText(Tool, $"#!/bin/sh\nprintf '%s\\n' \"$*\" >> '{Calls}'\n{script.ReplaceLineEndings("\n")}\n");
        File.SetUnixFileMode(Tool, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
