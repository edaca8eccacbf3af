using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

public static class DistributedApplicationHostingTestingExtensions
{
    /// <summary>A client for the resource's endpoint: https before http, unless one is named.</summary>
    public static HttpClient CreateHttpClient(this DistributedApplication app, string resourceName, string? endpointName = null)
    {
        var address = app.GetEndpoint(resourceName, endpointName);
        var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        client.BaseAddress = address;
        return client;
    }

    public static ValueTask<string?> GetConnectionStringAsync(
        this DistributedApplication app,
        string resourceName,
        CancellationToken cancellationToken = default)
    {
        var resource = app.Find(resourceName) as IResourceWithConnectionString
            ?? throw new ArgumentException($"Resource '{resourceName}' has no connection string.", nameof(resourceName));
        return resource.GetConnectionStringAsync(cancellationToken);
    }

    public static Uri GetEndpoint(this DistributedApplication app, string resourceName, string? endpointName = null)
    {
        var lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
        if (!lifetime.ApplicationStarted.IsCancellationRequested)
        {
            throw new InvalidOperationException("The application has not started: resources have no endpoints before.");
        }

        var resource = app.Find(resourceName) as IResourceWithEndpoints
            ?? throw new ArgumentException($"Resource '{resourceName}' has no endpoints.", nameof(resourceName));
        var endpoint = endpointName is null
            ? Existing(resource, "https") ?? Existing(resource, "http")
            : Existing(resource, endpointName);
        return endpoint is not null
            ? new Uri(endpoint.Url)
            : throw new ArgumentException(
                endpointName is null
                    ? $"Resource '{resourceName}' has neither an https nor an http endpoint."
                    : $"Resource '{resourceName}' has no endpoint '{endpointName}'.",
                nameof(endpointName));
    }

    private static EndpointReference? Existing(IResourceWithEndpoints resource, string name) =>
        resource.GetEndpoint(name) is { Exists: true } endpoint ? endpoint : null;

    private static IResource Find(this DistributedApplication app, string name) =>
        app.Services.GetRequiredService<DistributedApplicationModel>().Resources
            .FirstOrDefault(r => string.Equals(r.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no resource '{name}'.", nameof(name));
}
