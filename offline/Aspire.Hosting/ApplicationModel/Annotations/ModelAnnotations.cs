namespace Aspire.Hosting.ApplicationModel;

public sealed class EmulatorResourceAnnotation : IResourceAnnotation;

public sealed class ExplicitStartupAnnotation : IResourceAnnotation;

public sealed class ExcludeLaunchProfileAnnotation : IResourceAnnotation;

public sealed class DisableForwardedHeadersAnnotation : IResourceAnnotation;

public sealed class LaunchProfileAnnotation(string launchProfileName) : IResourceAnnotation
{
    public string LaunchProfileName { get; } = launchProfileName ?? throw new ArgumentNullException(nameof(launchProfileName));
}

public sealed class DefaultLaunchProfileAnnotation(string launchProfileName) : IResourceAnnotation
{
    public string LaunchProfileName { get; } = launchProfileName ?? throw new ArgumentNullException(nameof(launchProfileName));
}

public sealed class ExecutableAnnotation : IResourceAnnotation
{
    public required string Command { get; set; }

    public required string WorkingDirectory { get; set; }
}

public sealed class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
{
    public int Replicas { get; } = replicas;
}

public class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    public string Key { get; } = key ?? throw new ArgumentNullException(nameof(key));
}

public sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
{
    public IResource Resource { get; } = resource ?? throw new ArgumentNullException(nameof(resource));

    public string Type { get; } = type ?? throw new ArgumentNullException(nameof(type));
}

public sealed class ResourceIconAnnotation(string iconName, IconVariant iconVariant = IconVariant.Filled) : IResourceAnnotation
{
    public string IconName { get; } = iconName ?? throw new ArgumentNullException(nameof(iconName));

    public IconVariant IconVariant { get; } = iconVariant;
}

public class ResourceSnapshotAnnotation(CustomResourceSnapshot initialSnapshot) : IResourceAnnotation
{
    public CustomResourceSnapshot InitialSnapshot { get; } = initialSnapshot ?? throw new ArgumentNullException(nameof(initialSnapshot));
}

/// <summary>Says where a connection string shall come from. Only resource types that look for it honour it; Service Bus does not.</summary>
public class ConnectionStringRedirectAnnotation(IResourceWithConnectionString resource) : IResourceAnnotation
{
    public IResourceWithConnectionString Resource { get; } = resource ?? throw new ArgumentNullException(nameof(resource));
}

public sealed class ConnectionPropertyAnnotation(string name, ReferenceExpression referenceExpression) : IResourceAnnotation
{
    public string Name { get; } = name ?? throw new ArgumentNullException(nameof(name));

    public ReferenceExpression Value { get; } = referenceExpression ?? throw new ArgumentNullException(nameof(referenceExpression));
}

public class OtlpExporterAnnotation : IResourceAnnotation
{
    public OtlpProtocol? RequiredProtocol { get; init; }
}

/// <summary>The rows of a resource: one name per replica. A resource without it has one row, named like itself.</summary>
internal sealed class ResourceInstancesAnnotation(IReadOnlyList<ResourceInstance> instances) : IResourceAnnotation
{
    public IReadOnlyList<ResourceInstance> Instances { get; } = instances;
}

internal sealed record ResourceInstance(string Name, string Suffix, int Index);

/// <summary>Hides the row once the resource has ended with one of these codes.</summary>
internal sealed class HiddenOnCompletionAnnotation(IReadOnlyList<int> exitCodes) : IResourceAnnotation
{
    public IReadOnlyList<int> ExitCodes { get; } = exitCodes;
}

internal sealed class HiddenAnnotation : IResourceAnnotation;
