using System.Collections;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting.Local.Processes;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Hosting.Local.Programs;

/// <summary>
/// Builds a container worker's image from its Dockerfile, once, as Aspire's orchestrator does for the containers that it runs itself.
/// </summary>
/// <param name="worker">The worker.</param>
/// <param name="dockerfile">What is built, and how.</param>
/// <param name="services">What a Dockerfile that is made by code is made with.</param>
/// <param name="starter">Starts the tool.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="log">The worker's log, which gets all that the tool writes.</param>
/// <param name="stopping">Ends a build.</param>
internal sealed class DockerfileImage(
    ContainerResource worker,
    DockerfileBuildAnnotation dockerfile,
    IServiceProvider services,
    IReplicaStarter starter,
    TimeProvider timeProvider,
    ILogger log,
    CancellationToken stopping)
{
    /// <summary>A build that failed costs as much as one that did not, and polls come every other second.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private bool _isBuilt;
    private (long At, string Problem)? _failure;

    /// <summary>Builds the image unless that has been done. Not to be called twice at a time.</summary>
    /// <param name="runtime">The tool.</param>
    /// <param name="workingDirectory">Where the tool runs.</param>
    /// <exception cref="WorkerProgramException">
    /// It could not be built, now or less than <see cref="Pause"/> ago; the message says why.
    /// </exception>
    public async Task EnsureBuiltAsync(string runtime, string workingDirectory)
    {
        if (_isBuilt)
        {
            return;
        }

        if (_failure is { } failure && timeProvider.GetElapsedTime(failure.At) < Pause)
        {
            throw new WorkerProgramException(failure.Problem);
        }

        try
        {
            var start = await CommandAsync(runtime, workingDirectory).ConfigureAwait(false);
            Log.ImageBuilding(log, dockerfile.ContextPath);
            var exitCode = await RunAsync(start).ConfigureAwait(false);
            if (exitCode != 0)
            {
                throw new WorkerProgramException(
                    $"The image of '{worker.Name}' could not be built ({Path.GetFileNameWithoutExtension(runtime)} exited with code "
                    + $"{exitCode}); the log of '{worker.Name}' says why. "
                    + $"It is built again {Pause.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s after a failure.");
            }

            Log.ImageBuilt(log, start.Image);
            (_isBuilt, _failure) = (true, null);
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            var problem = exception is WorkerProgramException
                ? exception.Message
                : $"The image of '{worker.Name}' could not be built: {exception.Message}";
            _failure = (timeProvider.GetTimestamp(), problem);
            throw exception as WorkerProgramException ?? new WorkerProgramException(problem, exception);
        }
    }

    private async Task<int> RunAsync(Command start)
    {
        // Progress comes through the error stream; only the exit code tells whether anything is wrong.
        var build = starter.Start(start.Start, (line, _) => Log.ReplicaLine(log, line));
        using var ending = stopping.Register(build.Kill);
        var exitCode = await build.Exit.ConfigureAwait(false);
        stopping.ThrowIfCancellationRequested();
        return exitCode;
    }

    private async Task<Command> CommandAsync(string runtime, string workingDirectory)
    {
        if (!worker.TryGetContainerImageName(out var image))
        {
            throw new WorkerProgramException($"The image of '{worker.Name}' has no name.");
        }

        // Makes a Dockerfile that is written by code, and what belongs beside it.
        await dockerfile.EmitDockerfileArtifactsAsync(
            new DockerfileFactoryContext { Services = services, Resource = worker, CancellationToken = stopping })
            .ConfigureAwait(false);
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "");
        // Docker's older builder doesn't support secrets.
        environment.TryAdd("DOCKER_BUILDKIT", "1");
        var arguments = new List<string> { "build", "--tag", image, "--file", dockerfile.DockerfilePath };
        if (dockerfile.Stage is { } stage)
        {
            arguments.AddRange(["--target", stage]);
        }

        if (worker.Annotations.OfType<ContainerImagePullPolicyAnnotation>().LastOrDefault()?.ImagePullPolicy is ImagePullPolicy.Always)
        {
            arguments.Add("--pull");
        }

        foreach (var (name, value) in dockerfile.BuildArguments)
        {
            arguments.AddRange(["--build-arg", await ArgumentAsync(name, value).ConfigureAwait(false)]);
        }

        foreach (var (id, value) in dockerfile.BuildSecrets)
        {
            arguments.AddRange(["--secret", await SecretAsync(id, value, environment).ConfigureAwait(false)]);
        }

        return new(image, new(runtime, [.. arguments, dockerfile.ContextPath], workingDirectory, environment));
    }

    /// <summary>Without a value the tool takes the one of its own environment, as Aspire documents it.</summary>
    private async Task<string> ArgumentAsync(string name, object? value) => value switch
    {
        null => name,
        IValueProvider provider => $"{name}={await provider.GetValueAsync(stopping).ConfigureAwait(false)}",
        bool flag => $"{name}={(flag ? "true" : "false")}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{name}={value}"),
    };

    /// <summary>A secret's value goes through the tool's environment: command lines can be read by everyone.</summary>
    private async Task<string> SecretAsync(string id, object value, Dictionary<string, string> environment)
    {
        switch (value)
        {
            case FileInfo file:
                return $"id={id},type=file,src={file.FullName}";
            case IValueProvider provider:
                var variable = $"KEDAJOBS_BUILD_SECRET_{environment.Count.ToString(CultureInfo.InvariantCulture)}";
                environment[variable] = await provider.GetValueAsync(stopping).ConfigureAwait(false) ?? "";
                return $"id={id},type=env,env={variable}";
            default:
                throw new WorkerProgramException(
                    $"The build secret '{id}' of '{worker.Name}' is a {value.GetType().Name}. Pass a parameter or a file.");
        }
    }

    private sealed record Command(string Image, ReplicaStart Start);
}
