namespace Aspire.Hosting.ApplicationModel;

/// <summary>An endpoint by its name; the address is asked for when the value is needed, and waited for until it is allocated.</summary>
public sealed class EndpointReference : IExpressionValue, IValueWithReferences
{
    private EndpointAnnotation? _endpoint;

    public EndpointReference(IResourceWithEndpoints owner, EndpointAnnotation endpoint) : this(owner, endpoint, contextNetworkId: null)
    {
    }

    public EndpointReference(IResourceWithEndpoints owner, EndpointAnnotation endpoint, NetworkIdentifier? contextNetworkId)
        : this(owner, endpoint?.Name ?? throw new ArgumentNullException(nameof(endpoint)), contextNetworkId) => _endpoint = endpoint;

    public EndpointReference(IResourceWithEndpoints owner, string endpointName) : this(owner, endpointName, contextNetworkId: null)
    {
    }

    public EndpointReference(IResourceWithEndpoints owner, string endpointName, NetworkIdentifier? contextNetworkId = null)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(endpointName);
        Resource = owner;
        EndpointName = endpointName;
        ContextNetworkID = contextNetworkId;
    }

    public IResourceWithEndpoints Resource { get; }

    public string EndpointName { get; }

    public NetworkIdentifier? ContextNetworkID { get; }

    public string? ErrorMessage { get; init; }

    public EndpointAnnotation EndpointAnnotation => Find() ??
        throw new InvalidOperationException(ErrorMessage ?? $"The endpoint `{EndpointName}` is not defined for the resource `{Resource.Name}`.");

    public bool Exists => Find() is not null;

    public bool ExcludeReferenceEndpoint => EndpointAnnotation.ExcludeReferenceEndpoint;

    public bool IsAllocated => Find()?.AllocatedEndpoint is not null;

    public bool IsHttp => string.Equals(Scheme, "http", StringComparison.OrdinalIgnoreCase);

    public bool IsHttps => string.Equals(Scheme, "https", StringComparison.OrdinalIgnoreCase);

    public bool IsHttpSchemeNamedEndpoint => EndpointName is "http" or "https" && (IsHttp || IsHttps);

    public string Scheme => EndpointAnnotation.UriScheme;

    public bool TlsEnabled => EndpointAnnotation.TlsEnabled;

    public string Host => Allocated.Address;

    public int Port => Allocated.Port;

    public int? TargetPort => EndpointAnnotation.TargetPort;

    public string Url => Allocated.UriString;

    string IManifestExpressionProvider.ValueExpression => Property(EndpointProperty.Url).ValueExpression;

    IEnumerable<object> IValueWithReferences.References => [Resource];

    private AllocatedEndpoint Allocated => EndpointAnnotation.AllocatedEndpoint ??
        throw new InvalidOperationException($"The endpoint `{EndpointName}` is not allocated for the resource `{Resource.Name}`.");

    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        Property(EndpointProperty.Url).GetValueAsync(cancellationToken);

    public ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) =>
        Property(EndpointProperty.Url).GetValueAsync(context, cancellationToken);

    private EndpointAnnotation? Find() =>
        _endpoint ??= Resource.Annotations.OfType<EndpointAnnotation>().FirstOrDefault(e => string.Equals(e.Name, EndpointName, StringComparison.OrdinalIgnoreCase));
}

public enum EndpointProperty
{
    Url = 0,
    Host = 1,
    IPV4Host = 2,
    Port = 3,
    Scheme = 4,
    TargetPort = 5,
    HostAndPort = 6,
    TlsEnabled = 7,
}

public class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property) : IExpressionValue, IValueWithReferences
{
    public EndpointReference Endpoint { get; } = endpointReference ?? throw new ArgumentNullException(nameof(endpointReference));

    public EndpointProperty Property { get; } = property;

    public string ValueExpression => Property is EndpointProperty.Scheme && !Endpoint.Exists
        ? throw new InvalidOperationException($"The endpoint `{Endpoint.EndpointName}` is not defined for the resource `{Endpoint.Resource.Name}`.")
        : $"{{{Endpoint.Resource.Name}.bindings.{Endpoint.EndpointName}.{PropertyName}}}";

    IEnumerable<object> IValueWithReferences.References => [Endpoint];

    private string PropertyName => Property switch
    {
        EndpointProperty.Url => "url",
        EndpointProperty.Host or EndpointProperty.IPV4Host => "host",
        EndpointProperty.Port => "port",
        EndpointProperty.Scheme => "scheme",
        EndpointProperty.TargetPort => "targetPort",
        EndpointProperty.HostAndPort => "hostAndPort",
        EndpointProperty.TlsEnabled => "tlsEnabled",
        _ => throw new InvalidOperationException($"The property '{Property}' is not supported for the endpoint '{Endpoint.EndpointName}'."),
    };

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => GetValueAsync(new ValueProviderContext(), cancellationToken);

    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var endpoint = Endpoint.EndpointAnnotation;
        switch (Property)
        {
            case EndpointProperty.Scheme:
                return endpoint.UriScheme;
            case EndpointProperty.TlsEnabled:
                return endpoint.TlsEnabled ? bool.TrueString : bool.FalseString;
            case EndpointProperty.IPV4Host when Endpoint.ContextNetworkID is null:
                return "127.0.0.1";
            case EndpointProperty.TargetPort when endpoint.TargetPort is { } fixedPort:
                return fixedPort.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        var network = Endpoint.ContextNetworkID ?? context.Network ?? endpoint.DefaultNetworkID;
        var allocated = await endpoint.AllAllocatedEndpoints.GetAllocatedEndpointAsync(network, cancellationToken).ConfigureAwait(false);
        var port = allocated.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Property switch
        {
            EndpointProperty.Url => allocated.UriString,
            EndpointProperty.Host => allocated.Address,
            EndpointProperty.IPV4Host => "127.0.0.1",
            EndpointProperty.Port => port,
            EndpointProperty.HostAndPort => allocated.EndPointString,
            EndpointProperty.TargetPort => allocated.TargetPortExpression ?? port,
            _ => throw new InvalidOperationException($"The property '{Property}' is not supported for the endpoint '{Endpoint.EndpointName}'."),
        };
    }
}
