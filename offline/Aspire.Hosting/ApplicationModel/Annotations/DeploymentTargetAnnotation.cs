namespace Aspire.Hosting.ApplicationModel;

/// <summary>Links a resource to the resource that stands for it in a compute environment.</summary>
public sealed class DeploymentTargetAnnotation(IResource target) : IResourceAnnotation
{
    public IResource DeploymentTarget { get; set; } = target ?? throw new ArgumentNullException(nameof(target));

    public IComputeEnvironmentResource? ComputeEnvironment { get; set; }

    public IContainerRegistry? ContainerRegistry { get; set; }
}

/// <summary>The environment that a resource was given by <c>WithComputeEnvironment</c>.</summary>
internal sealed class ComputeEnvironmentAnnotation(IComputeEnvironmentResource computeEnvironment) : IResourceAnnotation
{
    public IComputeEnvironmentResource ComputeEnvironment { get; } = computeEnvironment;
}
