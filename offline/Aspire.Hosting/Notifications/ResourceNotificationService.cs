using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Keeps the latest snapshot of every row and tells all who watch. Rows are never deleted, only hidden.</summary>
public partial class ResourceNotificationService : IDisposable
{
    private readonly ConcurrentDictionary<string, Row> _rows = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Channel<ResourceEvent>> _watchers = [];
    private readonly Lock _broadcast = new();
    private readonly CancellationTokenSource _disposing = new();
    private readonly ILogger<ResourceNotificationService> _logger;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly IServiceProvider _services;
    private readonly ResourceLoggerService _loggers;

    public ResourceNotificationService(ILogger<ResourceNotificationService> logger, IHostApplicationLifetime hostApplicationLifetime,
        IServiceProvider serviceProvider, ResourceLoggerService resourceLoggerService)
    {
        ArgumentNullException.ThrowIfNull(logger);
        ArgumentNullException.ThrowIfNull(hostApplicationLifetime);
        ArgumentNullException.ThrowIfNull(serviceProvider);
        ArgumentNullException.ThrowIfNull(resourceLoggerService);
        _logger = logger;
        _lifetime = hostApplicationLifetime;
        _services = serviceProvider;
        _loggers = resourceLoggerService;
    }

    private WaitBehavior DefaultWaitBehavior =>
        _services.GetService<IOptions<ResourceNotificationServiceOptions>>()?.Value.DefaultWaitBehavior ?? WaitBehavior.StopOnResourceUnavailable;

    /// <summary>Publishes a new snapshot for every row of the resource.</summary>
    public async Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        foreach (var id in resource.GetResolvedResourceNames())
        {
            await PublishUpdateAsync(resource, id, stateFactory).ConfigureAwait(false);
        }
    }

    /// <exception cref="InvalidOperationException">The id already stands for another resource object.</exception>
    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(resourceId);
        ArgumentNullException.ThrowIfNull(stateFactory);
        var row = _rows.GetOrAdd(resourceId, static (_, owner) => new Row(owner), resource);
        if (!ReferenceEquals(row.Resource, resource))
        {
            throw new InvalidOperationException($"Resource instance doesn't match resource previously registered with the notification service for id '{resourceId}'.");
        }

        // One writer per row at a time, so that watchers see its snapshots in the order in which they were made.
        lock (row)
        {
            var snapshot = SnapshotRules.Complete(resource, stateFactory(row.Latest?.Snapshot ?? SnapshotRules.Initial(resource)), _services);
            var resourceEvent = new ResourceEvent(resource, resourceId, snapshot);
            lock (_broadcast)
            {
                row.Latest = resourceEvent;
                foreach (var watcher in _watchers)
                {
                    watcher.Writer.TryWrite(resourceEvent);
                }
            }

            if (_logger.IsEnabled(LogLevel.Debug))
            {
                _logger.LogDebug("Resource {Resource}/{ResourceId} -> {State}", resource.Name, resourceId, snapshot.State?.Text ?? "(none)");
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>The latest snapshot by row id, or by resource name while the resource has exactly one row.</summary>
    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        ArgumentNullException.ThrowIfNull(resourceId);
        resourceEvent = _rows.TryGetValue(resourceId, out var row) ? row.Latest : null;
        if (resourceEvent is null)
        {
            var named = _rows.Values.Where(r => r.Latest is not null && string.Equals(r.Resource.Name, resourceId, StringComparison.OrdinalIgnoreCase)).Take(2).ToArray();
            resourceEvent = named.Length == 1 ? named[0].Latest : null;
        }

        return resourceEvent is not null;
    }

    /// <summary>The latest snapshot of every row, then every new one, until cancelled.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>(new UnboundedChannelOptions { SingleReader = true });
        lock (_broadcast)
        {
            foreach (var row in _rows.Values)
            {
                if (row.Latest is { } latest)
                {
                    channel.Writer.TryWrite(latest);
                }
            }

            _watchers.Add(channel);
        }

        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
            await foreach (var resourceEvent in channel.Reader.ReadAllAsync(stop.Token).ConfigureAwait(false))
            {
                yield return resourceEvent;
            }
        }
        finally
        {
            lock (_broadcast)
            {
                _watchers.Remove(channel);
            }
        }
    }

    public void Dispose()
    {
        _disposing.Cancel();
        GC.SuppressFinalize(this);
    }

    /// <summary>The latest snapshot of each row of a resource.</summary>
    internal IReadOnlyList<ResourceEvent> CurrentRows(IResource resource) =>
        [.. _rows.Values.Where(r => ReferenceEquals(r.Resource, resource)).Select(r => r.Latest).OfType<ResourceEvent>()];

    private sealed class Row(IResource resource)
    {
        public IResource Resource { get; } = resource;

        public ResourceEvent? Latest { get; set; }
    }
}

public sealed class ResourceNotificationServiceOptions
{
    public WaitBehavior DefaultWaitBehavior { get; set; } = WaitBehavior.StopOnResourceUnavailable;
}
