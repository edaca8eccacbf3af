using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>The links of a row: one per endpoint, those declared, and what callbacks make of them.</summary>
internal static class ResourceUrls
{
    public static async Task<ImmutableArray<UrlSnapshot>> ComputeAsync(IResource resource, DistributedApplicationExecutionContext executionContext, ILogger logger,
        CancellationToken cancellationToken)
    {
        List<ResourceUrlAnnotation> urls = [];
        if (resource is IResourceWithEndpoints withEndpoints)
        {
            urls.AddRange(withEndpoints.GetEndpoints().Where(e => e.IsAllocated).Select(e => new ResourceUrlAnnotation { Url = e.Url, Endpoint = e }));
        }

        urls.AddRange(resource.Annotations.OfType<ResourceUrlAnnotation>());
        var context = new ResourceUrlsCallbackContext(executionContext, resource, urls, cancellationToken) { Logger = logger };
        foreach (var annotation in resource.Annotations.OfType<ResourceUrlsCallbackAnnotation>().ToArray())
        {
            await annotation.Callback(context).ConfigureAwait(false);
        }

        return [.. context.Urls.Select(Snapshot).OfType<UrlSnapshot>()];
    }

    /// <summary>A process's links lead somewhere only while it runs.</summary>
    public static ImmutableArray<UrlSnapshot> Activated(this ImmutableArray<UrlSnapshot> urls, bool active) =>
        urls.IsDefault ? [] : [.. urls.Select(u => u with { IsInactive = !active })];

    private static UrlSnapshot? Snapshot(ResourceUrlAnnotation url)
    {
        // A relative link is relative to the endpoint that it belongs to.
        var absolute = Uri.TryCreate(url.Url, UriKind.Absolute, out var uri) && !string.Equals(uri.Scheme, Uri.UriSchemeFile, StringComparison.Ordinal)
            ? url.Url
            : url.Endpoint is { IsAllocated: true } endpoint ? new Uri(new Uri(endpoint.Url), url.Url).ToString() : null;
        return absolute is null ? null : new UrlSnapshot(url.Endpoint?.EndpointName, absolute, url.IsInternal)
        {
            IsInactive = true,
            DisplayProperties = new UrlDisplayPropertiesSnapshot(url.DisplayText ?? "", url.DisplayOrder ?? 0),
        };
    }
}
