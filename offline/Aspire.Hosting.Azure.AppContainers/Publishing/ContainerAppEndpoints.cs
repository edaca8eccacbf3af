using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure.AppContainers;

/// <summary>Where one endpoint of a deployed resource is reached.</summary>
/// <param name="Scheme">The URI's scheme.</param>
/// <param name="Host">The application's name.</param>
/// <param name="Port">The port that clients use.</param>
/// <param name="TargetPort">The port that the container listens on; null if the image decides it.</param>
/// <param name="IsIngress">Whether the environment's HTTP ingress serves it, below the environment's domain.</param>
/// <param name="IsExternal">Whether it can be reached from outside the environment.</param>
/// <param name="IsTls">Whether the endpoint was declared with TLS.</param>
internal sealed record ContainerAppEndpoint(
    string Scheme, string Host, int Port, int? TargetPort, bool IsIngress, bool IsExternal, bool IsTls);

/// <summary>The HTTP ingress of an application.</summary>
internal sealed record HttpIngress(int? TargetPort, bool IsHttp2, bool IsExternal);

/// <summary>
/// How the endpoints of an application are reached: one HTTP port through the ingress of the environment (the external one, else the
/// first), every other port as an additional one that only applications in the environment can use.
/// </summary>
internal sealed class ContainerAppEndpoints
{
    private const int DefaultContainerPort = 80;

    private readonly Dictionary<string, ContainerAppEndpoint> _endpoints = [];

    private ContainerAppEndpoints()
    {
    }

    public HttpIngress? Ingress { get; private set; }

    public List<int> AdditionalPorts { get; } = [];

    public ContainerAppEndpoint this[string name] => _endpoints.TryGetValue(name, out var endpoint)
        ? endpoint
        : throw new InvalidOperationException($"The endpoint '{name}' is not deployed to Azure Container Apps.");

    /// <summary>A job has no ingress.</summary>
    public static ContainerAppEndpoints None { get; } = new();

    public static ContainerAppEndpoints Of(IResource resource)
    {
        var result = new ContainerAppEndpoints();
        var endpoints = resource.ResolveEndpoints();
        if (endpoints.Where(endpoint => endpoint.Endpoint.Transport is not ("http" or "http2" or "tcp"))
            .Select(endpoint => endpoint.Endpoint.Name)
            .ToList()
            is { Count: > 0 } unsupported)
        {
            throw new NotSupportedException(
                $"'{resource.Name}' has endpoints with a transport other than http, http2 and tcp: {string.Join(", ", unsupported)}.");
        }

        var ports = endpoints.GroupBy(endpoint => endpoint.TargetPort.Value).Select(group => new Port(group.Key, [.. group])).ToList();
        Check(ports);
        var http = ports.Where(port => port.IsHttp).ToList();
        if (http.Find(port => port.IsExternal) is not { } ingress)
        {
            ingress = http.FirstOrDefault();
        }

        if (ingress is not null)
        {
            ports.Remove(ingress);
            result.AddIngress(resource, ingress);
        }

        foreach (var port in ports)
        {
            result.AddPort(resource, port);
        }

        return result;
    }

    private static void Check(List<Port> ports)
    {
        if (ports.Count(port => port.IsExternal) > 1)
        {
            throw new NotSupportedException("Multiple external endpoints are not supported");
        }

        if (ports.Any(port => port is { IsExternal: true, IsHttp: false }))
        {
            throw new NotSupportedException("External non-HTTP(s) endpoints are not supported");
        }

        if (ports.Any(port => !port.IsHttp && port.Endpoints.Any(endpoint => endpoint.Endpoint.Transport != "tcp")))
        {
            throw new NotSupportedException("HTTP(s) and TCP endpoints cannot be mixed");
        }
    }

    private void AddIngress(IResource resource, Port ingress)
    {
        var targetPort = ingress.Number ?? (resource is ProjectResource ? null : DefaultContainerPort);
        Ingress = new HttpIngress(
            targetPort, ingress.Endpoints.Any(endpoint => endpoint.Endpoint.Transport == "http2"), ingress.IsExternal);
        foreach (var (endpoint, _) in ingress.All)
        {
            // Whatever the endpoint was declared with: the ingress redirects to HTTPS.
            _endpoints[endpoint.Name] = new(
                "https", resource.Name.ToLowerInvariant(), 443, targetPort, IsIngress: true, ingress.IsExternal, endpoint.TlsEnabled);
        }
    }

    private void AddPort(IResource resource, Port port)
    {
        var number = port.Number ?? throw new NotSupportedException("Container port is required for all endpoints");
        AdditionalPorts.Add(number);
        foreach (var (endpoint, exposed) in port.All)
        {
            _endpoints[endpoint.Name] = new(
                endpoint.UriScheme, resource.Name.ToLowerInvariant(), exposed ?? number, number, IsIngress: false, port.IsExternal,
                endpoint.TlsEnabled);
        }
    }

    /// <summary>A port that the container listens on, with the endpoints that lead to it.</summary>
    private sealed record Port(int? Number, ResolvedEndpoint[] Endpoints)
    {
        public bool IsExternal => Endpoints.Any(endpoint => endpoint.Endpoint.IsExternal);

        public bool IsHttp => Endpoints.All(endpoint => endpoint.Endpoint.Transport is "http" or "http2");

        public IEnumerable<(EndpointAnnotation Endpoint, int? Exposed)> All =>
            Endpoints.Select(endpoint => (endpoint.Endpoint, endpoint.ExposedPort.Value));
    }
}
