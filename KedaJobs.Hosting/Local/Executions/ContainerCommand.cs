using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting.Broker;
using KedaJobs.Hosting.Local.Processes;

namespace KedaJobs.Hosting.Local.Executions;

/// <summary>How the replicas of a container worker are run.</summary>
/// <remarks>
/// The tool's <c>run</c> stays in the foreground, passes SIGTERM on and exits with the container's exit code, so that
/// a container is supervised as a process is. When the tool is killed, or when this process ends, the container would keep
/// running: the guard removes it by its name.
/// </remarks>
internal sealed class ContainerCommand
{
    private static long _containers;

    private ContainerCommand()
    {
    }

    /// <summary>Options that the AppHost declares, in the order in which they are passed on.</summary>
    private IReadOnlyList<string> Options { get; init; } = [];

    private string Image { get; init; } = "";

    /// <summary>Reads off the resource what its containers are.</summary>
    /// <exception cref="InvalidOperationException">It has no image, or files that would be left out.</exception>
    public static async Task<ContainerCommand> OfAsync(ContainerResource worker, CancellationToken cancellationToken)
    {
        if (!worker.TryGetContainerImageName(out var image))
        {
            throw new InvalidOperationException($"'{worker.Name}' has no image. Pass one to AddContainer.");
        }

        if (worker.HasAnnotationOfType<ContainerFileSystemCallbackAnnotation>())
        {
            throw new InvalidOperationException(
                $"'{worker.Name}' has files from WithContainerFiles, which executions on this machine don't get. "
                + "Mount them with WithBindMount, or put them into the image.");
        }

        var options = new List<string>();
        foreach (var mount in worker.Annotations.OfType<ContainerMountAnnotation>())
        {
            var type = mount.Type == ContainerMountType.BindMount ? "bind" : "volume";
            options.AddRange(
                ["--mount", $"type={type},source={mount.Source},target={mount.Target}{(mount.IsReadOnly ? ",readonly" : "")}"]);
        }

        if (worker.Entrypoint is { } entrypoint)
        {
            options.AddRange(["--entrypoint", entrypoint]);
        }

        // An image that is built here is not in any registry.
        if (!worker.HasAnnotationOfType<DockerfileBuildAnnotation>()
            && worker.Annotations.OfType<ContainerImagePullPolicyAnnotation>()
                .LastOrDefault() is { ImagePullPolicy: not ImagePullPolicy.Default and var policy })
        {
            options.AddRange(["--pull", policy.ToString().ToLowerInvariant()]);
        }

        var further = new List<object>();
        foreach (var annotation in worker.Annotations.OfType<ContainerRuntimeArgsCallbackAnnotation>())
        {
            await annotation.Callback(new ContainerRuntimeArgsCallbackContext(further, cancellationToken)).ConfigureAwait(false);
        }

        foreach (var argument in further)
        {
            options.Add((argument is IValueProvider provider
                ? await provider.GetValueAsync(cancellationToken).ConfigureAwait(false)
                : argument.ToString()) ?? "");
        }

        return new() { Image = image, Options = options };
    }

    /// <param name="runtime">The tool.</param>
    /// <param name="workingDirectory">Where the tool runs, not the container.</param>
    /// <param name="replica">The replica's name.</param>
    /// <param name="arguments">The worker's own arguments.</param>
    /// <param name="inherited">The tool's environment.</param>
    /// <param name="environment">The container's environment.</param>
    public ReplicaStart Start(
        string runtime,
        string workingDirectory,
        string replica,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string> inherited,
        IReadOnlyDictionary<string, string> environment)
    {
        // A retry may come while the container before it is still being removed.
        var name = $"{replica}-{Interlocked.Increment(ref _containers)}";
        var toolEnvironment = new Dictionary<string, string>(inherited);
        var variables = new List<string>();
        foreach (var (variable, value) in environment)
        {
            // By name only, so that no secret appears in the process list; but never in place of variables that the tool itself reads.
            var isFree = !inherited.ContainsKey(variable) && !variable.StartsWith("DOCKER_", StringComparison.Ordinal)
                && !variable.StartsWith("CONTAINER", StringComparison.Ordinal);
            variables.AddRange(["--env", isFree ? variable : $"{variable}={value}"]);
            if (isFree)
            {
                toolEnvironment[variable] = value;
            }
        }

        return new(
            runtime,
            ["run", "--rm", "--name", name, .. HostNetwork, .. variables, .. Options, Image, .. arguments],
            workingDirectory,
            toolEnvironment)
        {
            CleanUp = [runtime, "rm", "--force", name],
        };
    }

    /// <summary>
    /// On Linux the broker listens on the loopback interface only, which a container reaches in the host's network alone; elsewhere the
    /// runtime's own gateway leads there.
    /// </summary>
    private static string[] HostNetwork => OperatingSystem.IsLinux()
        ? ["--network", "host", "--add-host", $"{EmulatorEndpoint.ContainerHost}:127.0.0.1"]
        : ["--add-host", $"{EmulatorEndpoint.ContainerHost}:host-gateway"];
}
