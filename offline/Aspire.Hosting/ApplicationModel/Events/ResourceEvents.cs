using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The resource has its first snapshot. Raised in run mode only, before any environment is evaluated.</summary>
public class InitializeResourceEvent(IResource resource, IDistributedApplicationEventing distributedApplicationEventing,
    ResourceLoggerService resourceLoggerService, ResourceNotificationService resourceNotificationService, IServiceProvider services)
    : IDistributedApplicationResourceEvent
{
    public IResource Resource { get; } = resource;

    public IDistributedApplicationEventing Eventing { get; } = distributedApplicationEventing;

    public ILogger Logger { get; } = resourceLoggerService.GetLogger(resource);

    public ResourceNotificationService Notifications { get; } = resourceNotificationService;

    public IServiceProvider Services { get; } = services;
}

public class BeforeResourceStartedEvent(IResource resource, IServiceProvider services) : IDistributedApplicationResourceEvent
{
    public IResource Resource { get; } = resource;

    public IServiceProvider Services { get; } = services;
}

public class ResourceEndpointsAllocatedEvent(IResource resource, IServiceProvider services) : IDistributedApplicationResourceEvent
{
    public IResource Resource { get; } = resource;

    public IServiceProvider Services { get; } = services;
}

public class ConnectionStringAvailableEvent(IResource resource, IServiceProvider services) : IDistributedApplicationResourceEvent
{
    public IResource Resource { get; } = resource;

    public IServiceProvider Services { get; } = services;
}

public class ResourceReadyEvent(IResource resource, IServiceProvider services) : IDistributedApplicationResourceEvent
{
    public IResource Resource { get; } = resource;

    public IServiceProvider Services { get; } = services;
}

public class ResourceStoppedEvent(IResource resource, IServiceProvider services, ResourceEvent resourceEvent) : IDistributedApplicationResourceEvent
{
    public IResource Resource { get; } = resource;

    public IServiceProvider Services { get; } = services;

    public ResourceEvent ResourceEvent { get; } = resourceEvent;
}

/// <summary>One published snapshot of one row.</summary>
public class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    public IResource Resource { get; } = resource;

    public string ResourceId { get; } = resourceId;

    public CustomResourceSnapshot Snapshot { get; } = snapshot;
}
