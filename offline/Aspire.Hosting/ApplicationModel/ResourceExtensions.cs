using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

public static class ResourceExtensions
{
    public static bool TryGetLastAnnotation<T>(this IResource resource, [NotNullWhen(true)] out T? annotation) where T : IResourceAnnotation
    {
        ArgumentNullException.ThrowIfNull(resource);
        annotation = resource.Annotations.OfType<T>().LastOrDefault();
        return annotation is not null;
    }

    public static bool TryGetAnnotationsOfType<T>(this IResource resource, [NotNullWhen(true)] out IEnumerable<T>? result) where T : IResourceAnnotation
    {
        ArgumentNullException.ThrowIfNull(resource);
        var found = resource.Annotations.OfType<T>().ToArray();
        result = found.Length > 0 ? found : null;
        return result is not null;
    }

    public static bool HasAnnotationOfType<T>(this IResource resource) where T : IResourceAnnotation
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource.Annotations.Any(a => a is T);
    }

    public static bool TryGetAnnotationsIncludingAncestorsOfType<T>(this IResource resource, [NotNullWhen(true)] out IEnumerable<T>? result) where T : IResourceAnnotation
    {
        ArgumentNullException.ThrowIfNull(resource);
        List<T> found = [];
        for (var current = resource; current is not null; current = (current as IResourceWithParent)?.Parent)
        {
            found.AddRange(current.Annotations.OfType<T>());
        }

        result = found.Count > 0 ? found : null;
        return result is not null;
    }

    public static bool HasAnnotationIncludingAncestorsOfType<T>(this IResource resource) where T : IResourceAnnotation =>
        resource.TryGetAnnotationsIncludingAncestorsOfType<T>(out _);

    public static bool TryGetEnvironmentVariables(this IResource resource, [NotNullWhen(true)] out IEnumerable<EnvironmentCallbackAnnotation>? environmentVariables) =>
        resource.TryGetAnnotationsOfType(out environmentVariables);

    public static bool TryGetEndpoints(this IResource resource, [NotNullWhen(true)] out IEnumerable<EndpointAnnotation>? endpoints) =>
        resource.TryGetAnnotationsOfType(out endpoints);

    public static bool TryGetUrls(this IResource resource, [NotNullWhen(true)] out IEnumerable<ResourceUrlAnnotation>? urls) =>
        resource.TryGetAnnotationsOfType(out urls);

    public static bool TryGetContainerImageName(this IResource resource, [NotNullWhen(true)] out string? imageName)
    {
        ArgumentNullException.ThrowIfNull(resource);
        if (!resource.TryGetLastAnnotation<ContainerImageAnnotation>(out var image))
        {
            imageName = null;
            return false;
        }

        var registry = image.Registry is null ? "" : image.Registry + "/";
        var version = image.SHA256 is not null ? "@sha256:" + image.SHA256 : image.Tag is not null ? ":" + image.Tag : "";
        imageName = registry + image.Image + version;
        return true;
    }

    public static IEnumerable<EndpointReference> GetEndpoints(this IResourceWithEndpoints resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource.Annotations.OfType<EndpointAnnotation>().Select(e => new EndpointReference(resource, e));
    }

    public static EndpointReference GetEndpoint(this IResourceWithEndpoints resource, string endpointName)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource.Annotations.OfType<EndpointAnnotation>().FirstOrDefault(e => string.Equals(e.Name, endpointName, StringComparison.OrdinalIgnoreCase)) is { } endpoint
            ? new EndpointReference(resource, endpoint)
            : new EndpointReference(resource, endpointName);
    }

    public static EndpointReference GetEndpoint(this IResourceWithEndpoints resource, string endpointName, NetworkIdentifier contextNetworkId) =>
        new(resource, endpointName, contextNetworkId);

    public static int GetReplicaCount(this IResource resource) =>
        resource.TryGetLastAnnotation<ReplicaAnnotation>(out var replicas) ? replicas.Replicas : 1;

    public static bool IsExcludedFromPublish(this IResource resource) =>
        resource.TryGetLastAnnotation<ManifestPublishingCallbackAnnotation>(out var annotation) && ReferenceEquals(annotation, ManifestPublishingCallbackAnnotation.Ignore);

    public static IComputeEnvironmentResource? GetComputeEnvironment(this IResource resource) =>
        resource.TryGetLastAnnotation<ComputeEnvironmentAnnotation>(out var annotation) ? annotation.ComputeEnvironment : null;

    public static DeploymentTargetAnnotation? GetDeploymentTargetAnnotation(this IResource resource, IComputeEnvironmentResource? targetComputeEnvironment = null)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var wanted = targetComputeEnvironment ?? resource.GetComputeEnvironment();
        var targets = resource.Annotations.OfType<DeploymentTargetAnnotation>().ToArray();
        if (wanted is not null)
        {
            return targets.SingleOrDefault(t => t.ComputeEnvironment == wanted);
        }

        return targets.Length <= 1
            ? targets.SingleOrDefault()
            : throw new InvalidOperationException($"Resource '{resource.Name}' has several compute environments: choose one with 'WithComputeEnvironment'.");
    }

    /// <summary>The ids of the rows that stand for the resource: one per replica of a process, otherwise its name.</summary>
    internal static string[] GetResolvedResourceNames(this IResource resource) =>
        resource.TryGetLastAnnotation<ResourceInstancesAnnotation>(out var annotation) ? [.. annotation.Instances.Select(i => i.Name)] : [resource.Name];

    /// <summary>The type shown in the dashboard when the resource does not say its own.</summary>
    internal static string GetResourceType(this IResource resource) => resource switch
    {
        _ when resource.IsContainer() => KnownResourceTypes.Container,
        ProjectResource => KnownResourceTypes.Project,
        ExecutableResource => KnownResourceTypes.Executable,
        ParameterResource => KnownResourceTypes.Parameter,
        ConnectionStringResource => KnownResourceTypes.ConnectionString,
        _ => resource.GetType().Name is var name && name.EndsWith("Resource", StringComparison.Ordinal) ? name[..^"Resource".Length] : resource.GetType().Name,
    };
}
