using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;

namespace Aspire.Hosting.Projects;

/// <summary>The hidden child of a project that builds it on demand, so that the build has a log and an exit code of its own.</summary>
internal sealed class ProjectRebuilderResource(string name, ProjectResource project, string workingDirectory)
    : ExecutableResource(name, ProjectOutput.DotnetPath, workingDirectory), IResourceWithParent<ProjectResource>
{
    public ProjectResource Parent { get; } = project;
}

internal static class Rebuild
{
    public static void AddRebuilder(IResourceBuilder<ProjectResource> project)
    {
        var builder = project.ApplicationBuilder;
        var path = project.Resource.GetProjectMetadata().ProjectPath;
        builder.AddResource(new ProjectRebuilderResource($"{project.Resource.Name}-rebuilder", project.Resource, Path.GetDirectoryName(path)!))
            .WithArgs(ProjectOutput.BuildArguments(path, ProjectOutput.Configuration(builder.AppHostAssembly)))
            .WithExplicitStart()
            .WithHidden()
            .ExcludeFromManifest();
    }

    /// <summary>Stops the project's processes, builds, and starts them again. A failed build leaves the project stopped.</summary>
    /// <exception cref="DistributedApplicationException">The build failed.</exception>
    public static async Task RunAsync(SupervisedResource project, ProjectResource resource, ApplicationOrchestrator orchestrator, CancellationToken cancellationToken)
    {
        var rebuilder = orchestrator.RebuilderOf(resource);
        await project.StopAsync(project.Rows, cancellationToken).ConfigureAwait(false);
        await orchestrator.PublishAsync(resource, s => s with { State = KnownResourceStates.Building }).ConfigureAwait(false);
        await rebuilder.StartAsync(rebuilder.Rows, cancellationToken).ConfigureAwait(false);
        var ended = await orchestrator.WaitForEndAsync(rebuilder.Rows[0], cancellationToken).ConfigureAwait(false);
        if (ended.Snapshot.ExitCode != 0)
        {
            await orchestrator.PublishAsync(resource, s => s with
            {
                State = new ResourceStateSnapshot(KnownResourceStates.Exited, KnownResourceStateStyles.Error),
                ExitCode = ended.Snapshot.ExitCode,
            }).ConfigureAwait(false);
            throw new DistributedApplicationException($"The build of '{resource.Name}' failed; see the log of '{rebuilder.Resource.Name}' (a hidden resource).");
        }

        await project.StartAsync(project.Rows, cancellationToken).ConfigureAwait(false);
    }
}
