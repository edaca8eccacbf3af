namespace Aspire.Hosting.ApplicationModel;

public sealed class ContainerImageAnnotation : IResourceAnnotation
{
    private string? _sha256;
    private string? _tag;

    public string? Registry { get; set; }

    public required string Image { get; set; }

    public string? Tag
    {
        get => _tag;
        set
        {
            _tag = value;
            _sha256 = value is null ? _sha256 : null;
        }
    }

    public string? SHA256
    {
        get => _sha256;
        set
        {
            _sha256 = value;
            _tag = value is null ? _tag : null;
        }
    }
}

public sealed class ContainerMountAnnotation(string? source, string target, ContainerMountType type, bool isReadOnly) : IResourceAnnotation
{
    public string? Source { get; } = source;

    public string Target { get; } = target;

    public ContainerMountType Type { get; } = type;

    public bool IsReadOnly { get; } = isReadOnly;
}

public enum ContainerMountType
{
    BindMount = 0,
    Volume = 1,
}

public enum ContainerLifetime
{
    Session = 0,
    Persistent = 1,
}

public sealed class ContainerLifetimeAnnotation : IResourceAnnotation
{
    public required ContainerLifetime Lifetime { get; set; }
}

public class ContainerRegistryReferenceAnnotation(IContainerRegistry registry) : IResourceAnnotation
{
    public IContainerRegistry Registry { get; } = registry ?? throw new ArgumentNullException(nameof(registry));
}

/// <summary>The image that the deployer will have built for a resource, as a manifest placeholder.</summary>
public class ContainerImageReference(IResource resource) : IManifestExpressionProvider, IValueProvider, IValueWithReferences
{
    public IResource Resource { get; } = resource ?? throw new ArgumentNullException(nameof(resource));

    public string ValueExpression => $"{{{Resource.Name}.containerImage}}";

    public IEnumerable<object> References => [Resource];

    ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) =>
        throw new InvalidOperationException($"The image of '{Resource.Name}' is known only to the deployer: {ValueExpression}.");
}

/// <summary>The port that the deployer will give a resource's container, as a manifest placeholder.</summary>
public class ContainerPortReference(IResource resource) : IManifestExpressionProvider, IValueProvider, IValueWithReferences
{
    public IResource Resource { get; } = resource ?? throw new ArgumentNullException(nameof(resource));

    public string ValueExpression => $"{{{Resource.Name}.containerPort}}";

    public IEnumerable<object> References => [Resource];

    ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) =>
        throw new InvalidOperationException($"The container port of '{Resource.Name}' is known only to the deployer: {ValueExpression}.");
}
