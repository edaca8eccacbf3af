using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Health;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>The resource is healthy when the health check registered under this key says so. Children of the resource inherit it.</summary>
    public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> builder, string key) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (builder.Resource.Annotations.OfType<HealthCheckAnnotation>().Any(a => a.Key == key))
        {
            throw new DistributedApplicationException($"Resource '{builder.Resource.Name}' already has a health check with key '{key}'.");
        }

        return builder.WithAnnotation(new HealthCheckAnnotation(key));
    }

    public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithHttpHealthCheck(() => HttpEndpointOf(builder.Resource, endpointName), path, statusCode);
    }

    public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, Func<EndpointReference>? endpointSelector, string? path = null, int? statusCode = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        var endpoint = (endpointSelector ?? (() => HttpEndpointOf(builder.Resource, endpointName: null)))();
        path ??= "/";
        var expected = statusCode ?? 200;
        if (endpoint.Exists && !endpoint.IsHttp && !endpoint.IsHttps)
        {
            throw new DistributedApplicationException(
                $"Could not create HTTP health check for resource '{builder.Resource.Name}' as the endpoint with name '{endpoint.EndpointName}' and scheme '{endpoint.Scheme}' is not an HTTP endpoint.");
        }

        var key = $"{builder.Resource.Name}_{endpoint.EndpointName}_{path}_{expected}_check";
        builder.ApplicationBuilder.Services.AddHttpClient();
        builder.ApplicationBuilder.Services.AddHealthChecks().Add(new(key,
            services => new HttpEndpointHealthCheck(services.GetRequiredService<IHttpClientFactory>(), endpoint, path, expected), failureStatus: null, tags: null));
        return builder.WithHealthCheck(key);
    }

    private static EndpointReference HttpEndpointOf(IResourceWithEndpoints resource, string? endpointName)
    {
        if (endpointName is not null)
        {
            return resource.GetEndpoint(endpointName);
        }

        return resource.GetEndpoints().OrderByDescending(e => e.IsHttps).FirstOrDefault(e => e.IsHttp || e.IsHttps)
            ?? throw new DistributedApplicationException(
                $"Could not create HTTP health check for resource '{resource.Name}' as no endpoint was found matching one of the specified names: http, https");
    }
}
