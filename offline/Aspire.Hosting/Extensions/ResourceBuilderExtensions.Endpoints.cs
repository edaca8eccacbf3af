using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    public static IResourceBuilder<T> WithEndpoint<T>(this IResourceBuilder<T> builder, string endpointName, Action<EndpointAnnotation> callback, bool createIfNotExists = true)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(endpointName);
        ArgumentNullException.ThrowIfNull(callback);
        var endpoint = builder.Resource.Annotations.OfType<EndpointAnnotation>()
            .SingleOrDefault(e => string.Equals(e.Name, endpointName, StringComparison.OrdinalIgnoreCase));
        if (endpoint is not null)
        {
            callback(endpoint);
        }
        else if (createIfNotExists)
        {
            endpoint = new EndpointAnnotation(ProtocolType.Tcp, name: endpointName);
            callback(endpoint);
            builder.Resource.Annotations.Add(endpoint);
        }

        return builder;
    }

    public static IResourceBuilder<T> WithEndpoint<T>(this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? scheme = null, string? name = null,
        string? env = null, bool? isProxied = null, bool? isExternal = null, ProtocolType? protocol = null) where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        var endpoint = new EndpointAnnotation(protocol ?? ProtocolType.Tcp, uriScheme: scheme, name: name, port: port, targetPort: targetPort, isExternal: isExternal, isProxied: isProxied);
        if (builder.Resource.Annotations.OfType<EndpointAnnotation>().Any(e => string.Equals(e.Name, endpoint.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException(
                $"Endpoint with name '{endpoint.Name}' already exists. Endpoint name may not have been explicitly specified and was derived automatically from scheme argument (e.g. 'http', 'https', or 'tcp'). Multiple calls to WithEndpoint (and related methods) may result in a conflict if name argument is not specified. Each endpoint must have a unique name.");
        }

        if (env is not null && builder.Resource is IResourceWithEndpoints and IResourceWithEnvironment)
        {
            var reference = new EndpointReference(builder.Resource, endpoint);
            builder.Resource.Annotations.Add(new EnvironmentCallbackAnnotation(
                context => context.EnvironmentVariables[env] = reference.Property(EndpointProperty.TargetPort)));
        }

        return builder.WithAnnotation(endpoint);
    }

    public static IResourceBuilder<T> WithHttpEndpoint<T>(this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? name = null, string? env = null,
        bool? isProxied = null) where T : IResourceWithEndpoints =>
        builder.WithEndpoint(port: port, targetPort: targetPort, scheme: "http", name: name, env: env, isProxied: isProxied);

    public static IResourceBuilder<T> WithHttpsEndpoint<T>(this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? name = null, string? env = null,
        bool? isProxied = null) where T : IResourceWithEndpoints =>
        builder.WithEndpoint(port: port, targetPort: targetPort, scheme: "https", name: name, env: env, isProxied: isProxied);

    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder) where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        foreach (var endpoint in builder.Resource.Annotations.OfType<EndpointAnnotation>().Where(e => e.UriScheme is "http" or "https"))
        {
            endpoint.IsExternal = true;
        }

        return builder;
    }

    public static IResourceBuilder<T> AsHttp2Service<T>(this IResourceBuilder<T> builder) where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        foreach (var endpoint in builder.Resource.Annotations.OfType<EndpointAnnotation>().Where(e => e.UriScheme is "http" or "https"))
        {
            endpoint.Transport = "http2";
        }

        return builder;
    }

    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name) where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Resource.GetEndpoint(name);
    }

    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name, NetworkIdentifier contextNetworkId) where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Resource.GetEndpoint(name, contextNetworkId);
    }
}
