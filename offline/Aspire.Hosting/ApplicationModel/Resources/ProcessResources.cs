namespace Aspire.Hosting.ApplicationModel;

public class ProjectResource(string name) : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery,
    IResourceWithWaitSupport, IComputeResource, IContainerFilesDestinationResource
{
    /// <summary>Whether an endpoint appears in the process's own variables (ASPNETCORE_URLS, HTTP_PORTS).</summary>
    internal Func<EndpointAnnotation, bool> EndpointInEnvironment { get; set; } = _ => true;
}

public class ExecutableResource : Resource, IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IComputeResource
{
    public ExecutableResource(string name, string command, string workingDirectory) : base(name)
    {
        ArgumentException.ThrowIfNullOrEmpty(command);
        ArgumentNullException.ThrowIfNull(workingDirectory);
        Annotations.Add(new ExecutableAnnotation { Command = command, WorkingDirectory = workingDirectory });
    }

    public string Command => Executable.Command;

    public string WorkingDirectory => Executable.WorkingDirectory;

    internal ExecutableAnnotation Executable => Annotations.OfType<ExecutableAnnotation>().Last();
}

/// <summary>A container in the app model. This stand-in publishes containers but cannot run them.</summary>
public class ContainerResource(string name, string? entrypoint = null) : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints,
    IResourceWithWaitSupport, IComputeResource
{
    public string? Entrypoint { get; set; } = entrypoint;
}
