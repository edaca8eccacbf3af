using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.ApplicationModel;

public enum UrlDisplayLocation
{
    SummaryAndDetails = 0,
    DetailsOnly = 1,
}

public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    public required string Url { get; set; }

    public string? DisplayText { get; set; }

    public int? DisplayOrder;

    public UrlDisplayLocation DisplayLocation { get; set; }

    public EndpointReference? Endpoint { get; init; }

    internal bool IsInternal => DisplayLocation == UrlDisplayLocation.DetailsOnly;
}

public sealed class ResourceUrlsCallbackAnnotation : IResourceAnnotation
{
    public ResourceUrlsCallbackAnnotation(Action<ResourceUrlsCallbackContext> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Callback = context =>
        {
            callback(context);
            return Task.CompletedTask;
        };
    }

    public ResourceUrlsCallbackAnnotation(Func<ResourceUrlsCallbackContext, Task> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Callback = callback;
    }

    public Func<ResourceUrlsCallbackContext, Task> Callback { get; }
}

public class ResourceUrlsCallbackContext(DistributedApplicationExecutionContext executionContext, IResource resource, List<ResourceUrlAnnotation>? urls = null,
    CancellationToken cancellationToken = default)
{
    public IResource Resource { get; } = resource ?? throw new ArgumentNullException(nameof(resource));

    public List<ResourceUrlAnnotation> Urls { get; } = urls ?? [];

    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext ?? throw new ArgumentNullException(nameof(executionContext));

    public CancellationToken CancellationToken { get; } = cancellationToken;

    public ILogger Logger { get; set; } = NullLogger.Instance;

    public EndpointReference? GetEndpoint(string name) =>
        Resource is IResourceWithEndpoints owner && owner.GetEndpoint(name) is { Exists: true } endpoint ? endpoint : null;
}
