using System.Collections.Concurrent;
using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Projects;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>Brings the model to life in the order that the real host has (see HostingBehaviour tests), and to rest.</summary>
internal sealed class ApplicationOrchestrator : IDisposable
{
    private readonly DistributedApplicationModel _model;
    private readonly Supervision _supervision;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<IResource, CancellationTokenSource> _waits = new();
    private IReadOnlyList<SupervisedResource> _supervised = [];

    public ApplicationOrchestrator(DistributedApplicationModel model, ResourceNotificationService notifications, ResourceLoggerService loggers,
        IDistributedApplicationEventing eventing, DistributedApplicationExecutionContext executionContext, DistributedApplicationOptions options,
        IConfiguration configuration, IServiceProvider services, TimeProvider time, ILogger<ApplicationOrchestrator> logger)
    {
        _model = model;
        _supervision = new Supervision(notifications, loggers, eventing, executionContext, services, time, logger)
        {
            RandomizePorts = configuration.GetValue("DcpPublisher:RandomizePorts", false),
            BuildConfiguration = ProjectOutput.Configuration(options.Assembly),
            Stopping = _stopping.Token,
        };
        eventing.Subscribe<BeforeResourceStartedEvent>(WaitForDependenciesAsync);
        eventing.Subscribe<ConnectionStringAvailableEvent>(ShowConnectionStringAsync);
        if (eventing is DistributedApplicationEventing own)
        {
            own.UnobservedFailure = (@event, exception) => logger.LogError(exception, "A handler of {Event} failed.", @event.GetType().Name);
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // What is a process is decided here, once: what InitializeResource handlers add to the model's resources later does not change it.
        var containers = _model.GetContainerResources().ToArray();
        _supervised = [.. _model.Resources.ToArray().Where(r => r is ProjectResource or ExecutableResource && !r.IsContainer()).Select(r => new SupervisedResource(r, _supervision))];
        foreach (var supervised in _supervised)
        {
            LifecycleCommands.Add(supervised, this);
        }

        await InitializeAsync(cancellationToken).ConfigureAwait(false);
        await RefuseAsync(containers).ConfigureAwait(false);
        foreach (var supervised in _supervised)
        {
            await supervised.AllocateEndpointsAsync(cancellationToken).ConfigureAwait(false);
        }

        await Task.WhenAll(_supervised.Select(s => s.CreateAsync(cancellationToken))).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        await _supervision.Eventing.PublishAsync(new AfterResourcesCreatedEvent(_supervision.Services, _model), cancellationToken).ConfigureAwait(false);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_supervised.Select(s => s.StopAsync(s.Rows, cancellationToken))).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _stopping.Cancel();
        foreach (var supervised in _supervised)
        {
            supervised.Dispose();
        }
    }

    /// <summary>The start command: also ends the waiting of a resource that waits for others.</summary>
    public async Task StartAsync(SupervisedResource supervised, string rowId, CancellationToken cancellationToken)
    {
        if (_waits.TryGetValue(supervised.Resource, out var wait))
        {
            await wait.CancelAsync().ConfigureAwait(false);
            return;
        }

        await supervised.StartAsync([.. supervised.Rows.Where(r => r.Instance.Name == rowId)], cancellationToken).ConfigureAwait(false);
    }

    public SupervisedResource RebuilderOf(ProjectResource project) =>
        _supervised.First(s => s.Resource is ProjectRebuilderResource rebuilder && ReferenceEquals(rebuilder.Parent, project));

    public Task PublishAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> change) =>
        _supervision.Notifications.PublishUpdateAsync(resource, change);

    public Task<ResourceEvent> WaitForEndAsync(ProcessRow row, CancellationToken cancellationToken) =>
        _supervision.Notifications.WaitForResourceAsync(row.Instance.Name, e => KnownResourceStates.IsTerminal(e.Snapshot.State?.Text), cancellationToken);

    private async Task InitializeAsync(CancellationToken cancellationToken)
    {
        foreach (var resource in _model.Resources.ToArray())
        {
            await _supervision.Notifications.PublishUpdateAsync(resource, s => FirstSnapshot(resource, s)).ConfigureAwait(false);
            await _supervision.Eventing.PublishAsync(
                new InitializeResourceEvent(resource, _supervision.Eventing, _supervision.Loggers, _supervision.Notifications, _supervision.Services),
                EventDispatchBehavior.NonBlockingConcurrent, cancellationToken).ConfigureAwait(false);
        }

        foreach (var resource in _model.Resources.Except(_supervised.Select(s => s.Resource)).Where(r =>
            r.HasAnnotationOfType<ResourceUrlAnnotation>() || r.HasAnnotationOfType<ResourceUrlsCallbackAnnotation>()).ToArray())
        {
            _ = ShowUrlsAsync(resource);
        }
    }

    private CustomResourceSnapshot FirstSnapshot(IResource resource, CustomResourceSnapshot snapshot)
    {
        var parent = (resource as IResourceWithParent)?.Parent
            ?? resource.Annotations.OfType<ResourceRelationshipAnnotation>().LastOrDefault(r => r.Type == KnownRelationshipTypes.Parent)?.Resource;
        ImmutableArray<HealthReportSnapshot> reports = resource.TryGetAnnotationsIncludingAncestorsOfType<HealthCheckAnnotation>(out var checks)
            ? [.. checks.Select(c => c.Key).Distinct().Select(key => new HealthReportSnapshot(key, null, null, null))]
            : [];
        return snapshot with
        {
            CreationTimeStamp = snapshot.CreationTimeStamp ?? _supervision.Now,
            Relationships = SnapshotRules.RelationshipsOf(resource),
            HealthReports = reports,
            Properties = parent is null ? snapshot.Properties : snapshot.Properties.SetProperty(KnownProperties.ParentName, parent.GetResolvedResourceNames()[0]),
        };
    }

    private async Task ShowUrlsAsync(IResource resource)
    {
        try
        {
            var urls = await ResourceUrls.ComputeAsync(resource, _supervision.ExecutionContext, _supervision.Loggers.GetLogger(resource), _stopping.Token).ConfigureAwait(false);
            await PublishAsync(resource, s => s with { Urls = urls.Activated(active: true) }).ConfigureAwait(false);
        }
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            _supervision.Log.LogError(exception, "The links of '{Resource}' could not be computed.", resource.Name);
        }
    }

    /// <summary>Containers need an engine, which this stand-in does not drive.</summary>
    private async Task RefuseAsync(IEnumerable<IResource> containers)
    {
        foreach (var container in containers.Where(c => !c.HasAnnotationOfType<ExplicitStartupAnnotation>()))
        {
            _supervision.Loggers.GetLogger(container).LogError("Containers cannot be run with the stand-in of Aspire.Hosting: use the real packages for this resource.");
            await PublishAsync(container, s => s with
            {
                State = new ResourceStateSnapshot(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error),
            }).ConfigureAwait(false);
        }
    }

    private async Task WaitForDependenciesAsync(BeforeResourceStartedEvent @event, CancellationToken cancellationToken)
    {
        var resource = @event.Resource;
        var names = resource.Annotations.OfType<WaitAnnotation>().Select(w => w.Resource.Name).Distinct().ToImmutableArray();
        if (names.IsEmpty)
        {
            return;
        }

        using var skip = new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(skip.Token, cancellationToken);
        var waiting = _supervision.Notifications.WaitForDependenciesAsync(resource, either.Token);
        if (waiting.IsCompletedSuccessfully)
        {
            return;
        }

        _waits[resource] = skip;
        try
        {
            await PublishAsync(resource, s => s with
            {
                State = KnownResourceStates.Waiting,
                Properties = s.Properties.SetProperty(KnownProperties.WaitingFor, names),
            }).ConfigureAwait(false);
            await waiting.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (skip.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            _supervision.Loggers.GetLogger(resource).LogInformation("Started by command; no longer waiting for other resources.");
        }
        finally
        {
            _waits.TryRemove(resource, out _);
        }

        await PublishAsync(resource, s => s with
        {
            State = KnownResourceStates.Starting,
            Properties = s.Properties.RemoveProperty(KnownProperties.WaitingFor),
        }).ConfigureAwait(false);
    }

    private async Task ShowConnectionStringAsync(ConnectionStringAvailableEvent @event, CancellationToken cancellationToken)
    {
        if (@event.Resource is IResourceWithConnectionString resource)
        {
            var value = await resource.GetConnectionStringAsync(cancellationToken).ConfigureAwait(false);
            await PublishAsync(resource, s => s with
            {
                Properties = s.Properties.SetProperty(CustomResourceKnownProperties.ConnectionString, value, isSensitive: true),
            }).ConfigureAwait(false);
        }
    }
}
