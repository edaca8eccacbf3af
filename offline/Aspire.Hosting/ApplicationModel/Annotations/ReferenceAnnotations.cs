namespace Aspire.Hosting.ApplicationModel;

/// <summary>Which endpoints of another resource a consumer refers to; filled by several <c>WithReference</c> calls.</summary>
public sealed class EndpointReferenceAnnotation(IResourceWithEndpoints resource) : IResourceAnnotation
{
    public IResourceWithEndpoints Resource { get; } = resource ?? throw new ArgumentNullException(nameof(resource));

    public bool UseAllEndpoints { get; set; }

    public ISet<string> EndpointNames { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    public NetworkIdentifier ContextNetworkId { get; set; } = KnownNetworkIdentifiers.LocalhostNetwork;
}

[Flags]
public enum ReferenceEnvironmentInjectionFlags
{
    None = 0,
    ConnectionString = 1,
    ConnectionProperties = 2,
    ServiceDiscovery = 4,
    Endpoints = 8,
    All = ConnectionString | ConnectionProperties | ServiceDiscovery | Endpoints,
}

public sealed class ReferenceEnvironmentInjectionAnnotation(ReferenceEnvironmentInjectionFlags flags) : IResourceAnnotation
{
    public ReferenceEnvironmentInjectionFlags Flags { get; } = flags;
}
