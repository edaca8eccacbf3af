using System.Diagnostics;
using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting.Local.Programs;

/// <summary>Finds the container runtime that a container worker runs through.</summary>
/// <param name="worker">The worker.</param>
/// <param name="wanted">A command or path that is to be used; null: the one that Aspire is told to use, else docker, else podman.</param>
/// <param name="appHostDirectory">What a relative path is relative to.</param>
/// <param name="image">Builds the worker's image; null: it exists, or can be pulled.</param>
internal sealed class ContainerRuntime(ContainerResource worker, string? wanted, string appHostDirectory, DockerfileImage? image)
    : IWorkerProgramLocator
{
    private static readonly string[] AspiresVariables = ["ASPIRE_CONTAINER_RUNTIME", "DOTNET_ASPIRE_CONTAINER_RUNTIME"];

    public bool IsSlow => image is not null;

    public async Task<WorkerProgram> LocateAsync(CancellationToken cancellationToken)
    {
        string[] candidates =
            (wanted
                ?? AspiresVariables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(name => name is { Length: > 0 })) is { } one
                ? [one]
                : ["docker", "podman"];
        var file = candidates.Select(candidate => CommandPath.Find(candidate, appHostDirectory)).FirstOrDefault(found => found is not null)
            ?? throw new WorkerProgramException(
                $"'{worker.Name}' is a container, and no container runtime was found ({string.Join(", ", candidates)}). "
                + "Install Docker or Podman to run it here; publishing needs none.");
        await ProbeAsync(file, cancellationToken).ConfigureAwait(false);
        if (image is not null)
        {
            await image.EnsureBuiltAsync(file, appHostDirectory).ConfigureAwait(false);
        }

        return new(file, [], appHostDirectory) { Target = file };
    }

    /// <summary>The command line tool may be installed without a running engine: then every execution would fail.</summary>
    private async Task ProbeAsync(string file, CancellationToken cancellationToken)
    {
        var version = await ToolRun.OfAsync(new ProcessStartInfo(file, ["version"]), cancellationToken).ConfigureAwait(false);
        if (version.ExitCode != 0)
        {
            throw new WorkerProgramException(
                $"'{worker.Name}' is a container, and {file} cannot reach its engine. Start it to run the job here. "
                + $"{version.Error.ReplaceLineEndings(" ").Trim()}");
        }
    }
}
