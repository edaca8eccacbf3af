using System.Runtime.Versioning;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using KedaJobs.Hosting;
using KedaJobs.Scaling.Executions;
using KedaJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace KedaJobs.Tests.Hosting.Local;

/// <summary>
/// Container workers whose image is built from a Dockerfile, with a script in the place of the container
/// runtime that notes what it is asked for.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class DockerfileRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("dockerfile");

    private string Tool => _folder.At("docker");

    private string Calls => _folder.At("calls");

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public async Task Image_is_built_once_with_its_arguments_and_secrets_and_its_log_is_the_jobs()
    {
        WriteTool("""
            case "$1" in
              build)
                echo "#1 building with $(env | sed -n 's/^KEDAJOBS_BUILD_SECRET_[0-9]*=//p')" >&2
                cat "$5"
                exit 0 ;;
              run) exit 0 ;;
            esac
            """);
        await using var builder = DistributedApplicationTestingBuilder.Create(
            $"--KedaJobs:Local:ContainerRuntime={Tool}", "--Parameters:token=hush");
        var token = builder.AddParameter("token", secret: true);
        var file = _folder.At("npmrc");
        await File.WriteAllTextAsync(file, "");
        await File.WriteAllTextAsync(_folder.At("Containerfile"), "FROM scratch\n");
        var jobs = builder.AddAzureServiceBus("messaging").RunAsEmbedded().AddServiceBusQueue("jobs");
        builder.AddDockerfile("box", _folder.FullName, "Containerfile", "final")
            .WithReference(jobs)
            .WithBuildArg("VERSION", "1.2").WithBuildArg("TESTED", true).WithBuildArg("HOME", (object?)null!)
            .WithBuildSecret("token", token)
            .AsEventJob(jobs);
        builder.Resources.OfType<ContainerResource>().Single(resource => resource.Name == "box")
            .Annotations.OfType<DockerfileBuildAnnotation>().Single().BuildSecrets["npmrc"] = new FileInfo(file);
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);
        var job = app.GetJob("box");
        await job.WaitForIdleAsync(Eventually.DefaultDeadline);
        Assert.Null(job.Current.Problem);

        for (var count = 1; count <= 2; count++)
        {
            var execution = await job.StartExecutionAsync();
            Assert.Equal(ExecutionStatus.Succeeded, (await job.WaitForExecutionAsync(execution.Name, Eventually.DefaultDeadline)).Status);
        }

        var calls = await File.ReadAllLinesAsync(Calls);
        var build = Assert.Single(calls, line => line.StartsWith("build ", StringComparison.Ordinal));
        var image = build.Split(' ')[2];
        Assert.StartsWith("box:", image, StringComparison.Ordinal);
        Assert.Matches(
            $"^build --tag {image} --file {_folder.FullName}/Containerfile --target final --build-arg VERSION=1.2 --build-arg TESTED=true "
            + "--build-arg HOME "
            + $"--secret id=token,type=env,env=KEDAJOBS_BUILD_SECRET_[0-9]+ --secret id=npmrc,type=file,src={file} {_folder.FullName}$",
            build);
        var runs = calls.Where(line => line.StartsWith("run ", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, runs.Count);
        Assert.All(runs, run => Assert.EndsWith($" {image}", run, StringComparison.Ordinal));
        Assert.DoesNotContain(calls, line => line.Contains("hush", StringComparison.Ordinal));
        var log = await LogAsync(app, "box");
        Assert.Contains(log, line => line.EndsWith("#1 building with hush", StringComparison.Ordinal));
        Assert.Contains(log, line => line.EndsWith("FROM scratch", StringComparison.Ordinal));
        Assert.Contains(log, line => line.EndsWith($"Built the image {image}.", StringComparison.Ordinal));
    }

    [UnixFact]
    public async Task Dockerfile_that_code_writes_is_written_before_the_build()
    {
        WriteTool("""
            [ "$1" = build ] || exit 0
            cat "$5"
            """);
        await using var builder = DistributedApplicationTestingBuilder.Create($"--KedaJobs:Local:ContainerRuntime={Tool}");
        builder.AddDockerfileFactory("box", _folder.FullName, _ => "FROM written-by-code").AsManualJob();
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);

        await app.GetJob("box").StartExecutionAsync();

        Assert.Contains(await LogAsync(app, "box"), line => line.EndsWith("FROM written-by-code", StringComparison.Ordinal));
    }

    [UnixFact]
    public async Task Build_that_fails_is_a_problem_of_the_row_and_is_not_repeated_at_each_poll()
    {
        WriteTool("""
            [ "$1" = build ] || exit 0
            echo "COPY failed: no such file" >&2
            exit 3
            """);
        await using var builder = DistributedApplicationTestingBuilder.Create(
            $"--KedaJobs:Local:ContainerRuntime={Tool}", "--KedaJobs:Local:PollingInterval=00:00:00.1");
        await File.WriteAllTextAsync(_folder.At("Dockerfile"), "FROM scratch\n");
        var jobs = builder.AddAzureServiceBus("messaging").RunAsEmbedded().AddServiceBusQueue("jobs");
        builder.AddDockerfile("box", _folder.FullName).WithReference(jobs).AsEventJob(jobs);
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);

        var job = await app.GetJob("box")
            .WaitForAsync(snapshot => snapshot is { Polls: > 3, Problem: not null }, Eventually.DefaultDeadline);

        Assert.Equal(
            "The image of 'box' could not be built (docker exited with code 3); the log of 'box' says why. "
                + "It is built again 30 s after a failure.", job.Problem);
        Assert.Single(await File.ReadAllLinesAsync(Calls), line => line.StartsWith("build ", StringComparison.Ordinal));
        Assert.Contains(await LogAsync(app, "box"), line => line.EndsWith("COPY failed: no such file", StringComparison.Ordinal));
    }

    [UnixFact]
    public async Task While_the_image_is_built_the_job_starts_and_the_build_ends_with_the_application()
    {
        WriteTool("""
            [ "$1" = build ] || exit 0
            echo "building as $$"
            exec sleep 600
            """);
        await using var builder = DistributedApplicationTestingBuilder.Create($"--KedaJobs:Local:ContainerRuntime={Tool}");
        await File.WriteAllTextAsync(_folder.At("Dockerfile"), "FROM scratch\n");
        builder.AddDockerfile("box", _folder.FullName).AsManualJob();
        await using var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(Eventually.DefaultDeadline);
        var job = app.GetJob("box");
        var process = "";
        await Eventually.SucceedsAsync("the build has begun", async () =>
            process = (await LogAsync(app, "box")).Single(line => line.Contains("building as ", StringComparison.Ordinal)).Split(' ')[^1]);
        Assert.Equal((JobStatus.Starting, null), (job.Current.Status, job.Current.Problem));
        Assert.Equal("the worker's image is being built: none started", job.Current.LastReason);

        await app.StopAsync().WaitAsync(Eventually.DefaultDeadline);

        await Eventually.SucceedsAsync("the build has ended", () => Assert.ThrowsAny<ArgumentException>(() =>
            System.Diagnostics.Process.GetProcessById(int.Parse(process, System.Globalization.CultureInfo.InvariantCulture))));
    }

    private static async Task<List<string>> LogAsync(DistributedApplication app, string resource)
    {
        app.ResourceNotifications.TryGetCurrentState(resource, out var row);
        var lines = new List<string>();
        await foreach (var batch in app.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(row!.ResourceId))
        {
            lines.AddRange(batch.Select(line => line.Content));
        }

        return lines;
    }

    private void WriteTool(string script)
    {
        File.WriteAllText(Tool, $"#!/bin/sh\nprintf '%s\\n' \"$*\" >> '{Calls}'\n{script.ReplaceLineEndings("\n")}\n");
        File.SetUnixFileMode(Tool, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
