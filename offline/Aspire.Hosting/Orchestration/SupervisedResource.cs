using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>A project or executable with its rows, its ports and its life: started, stopped, started again.</summary>
internal sealed class SupervisedResource : IDisposable
{
    private readonly Supervision _supervision;
    private readonly SemaphoreSlim _gate = new(1);
    private CancellationTokenSource? _starting;

    public SupervisedResource(IResource resource, Supervision supervision)
    {
        Resource = resource;
        _supervision = supervision;
        var replicas = resource.GetReplicaCount();
        var instances = Enumerable.Range(0, replicas).Select(i => InstanceNames.New(resource.Name, i)).ToArray();
        resource.Annotations.Add(new ResourceInstancesAnnotation(instances));
        Rows = [.. instances.Select(instance => new ProcessRow(this, instance, supervision))];
    }

    public IResource Resource { get; }

    public IReadOnlyList<ProcessRow> Rows { get; }

    public IReadOnlyList<EndpointPlan> Endpoints { get; private set; } = [];

    public ImmutableArray<UrlSnapshot> Urls { get; private set; } = [];

    public async Task AllocateEndpointsAsync(CancellationToken cancellationToken)
    {
        Endpoints = EndpointPlan.For(Resource, Rows.Count, _supervision.RandomizePorts);
        foreach (var endpoint in Endpoints)
        {
            endpoint.Allocate();
        }

        await _supervision.Eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(Resource, _supervision.Services), cancellationToken).ConfigureAwait(false);
        Urls = await ResourceUrls.ComputeAsync(Resource, _supervision.ExecutionContext, Logger, cancellationToken).ConfigureAwait(false);
        if (!Urls.IsEmpty)
        {
            await _supervision.Notifications.PublishUpdateAsync(Resource, s => s with { Urls = Urls }).ConfigureAwait(false);
        }
    }

    /// <summary>The start that comes with the application's own.</summary>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        if (Resource.HasAnnotationOfType<ExplicitStartupAnnotation>())
        {
            await PublishAsync(Rows, s => s with
            {
                State = KnownResourceStates.NotStarted,
                Properties = Resource is ProjectResource project
                    ? s.Properties.SetProperty(KnownProperties.ProjectPath, project.GetProjectMetadata().ProjectPath)
                    : s.Properties,
            }).ConfigureAwait(false);
            return;
        }

        await StartAsync(Rows, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts those of the rows that do not run; a failure is shown on the rows, not thrown.</summary>
    public async Task StartAsync(IReadOnlyList<ProcessRow> rows, CancellationToken cancellationToken)
    {
        using var starting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _supervision.Stopping);
        await _gate.WaitAsync(starting.Token).ConfigureAwait(false);
        _starting = starting;
        var stopped = rows.Where(r => !r.IsRunning).ToArray();
        try
        {
            if (stopped.Length > 0)
            {
                await LaunchAsync(stopped, starting.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (starting.IsCancellationRequested)
        {
            await PublishAsync(stopped.Where(r => !r.IsRunning), s => s with { State = KnownResourceStates.Finished }).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await FailAsync(stopped, exception).ConfigureAwait(false);
        }
        finally
        {
            _starting = null;
            _gate.Release();
        }
    }

    public async Task StopAsync(IEnumerable<ProcessRow> rows, CancellationToken cancellationToken)
    {
        CancelStart();
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Task.WhenAll(rows.Select(r => r.StopAsync(cancellationToken))).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends everything at once, whatever it does.</summary>
    public void Dispose()
    {
        foreach (var row in Rows)
        {
            row.Dispose();
        }

        foreach (var endpoint in Endpoints)
        {
            endpoint.Dispose();
        }
    }

    private void CancelStart()
    {
        try
        {
            _starting?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just finished.
        }
    }

    private ILogger Logger => _supervision.Loggers.GetLogger(Resource);

    private async Task LaunchAsync(ProcessRow[] rows, CancellationToken cancellationToken)
    {
        await PublishAsync(rows, s => s with
        {
            State = KnownResourceStates.Starting,
            StartTimeStamp = null,
            StopTimeStamp = null,
            ExitCode = null,
            ResourceReady = null,
            HealthReports = [.. s.HealthReports.Select(r => new HealthReportSnapshot(r.Name, null, null, null))],
        }).ConfigureAwait(false);
        await _supervision.Eventing.PublishAsync(new BeforeResourceStartedEvent(Resource, _supervision.Services), cancellationToken).ConfigureAwait(false);
        var plan = await ProcessPlan.CreateAsync(Resource, _supervision.ExecutionContext, _supervision.BuildConfiguration,
            () => PublishAsync(rows, s => s with { State = KnownResourceStates.Building }), Logger, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var row in rows)
        {
            await row.LaunchAsync(plan).ConfigureAwait(false);
        }
    }

    private async Task FailAsync(IEnumerable<ProcessRow> rows, Exception exception)
    {
        // What the user can mend is said in one line; a stack trace is for what should not have happened.
        var expected = exception is DistributedApplicationException;
        Logger.LogError(expected ? null : exception, "{Message}", exception.Message);
        _supervision.Log.LogError(expected ? null : exception, "Resource '{Resource}' failed to start. {Message}", Resource.Name, exception.Message);
        await PublishAsync(rows.Where(r => !r.IsRunning), s => s with
        {
            State = new ResourceStateSnapshot(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error),
            StopTimeStamp = _supervision.Now,
        }).ConfigureAwait(false);
    }

    private async Task PublishAsync(IEnumerable<ProcessRow> rows, Func<CustomResourceSnapshot, CustomResourceSnapshot> change)
    {
        foreach (var row in rows)
        {
            await _supervision.Notifications.PublishUpdateAsync(Resource, row.Instance.Name, change).ConfigureAwait(false);
        }
    }
}

internal static class InstanceNames
{
    private const string Alphabet = "abcdefghjkmnpqrstuvwxyz";
    private const int SuffixLength = 8;

    public static ResourceInstance New(string resourceName, int index)
    {
        var suffix = new string(Random.Shared.GetItems<char>(Alphabet, SuffixLength));
        return new ResourceInstance($"{resourceName}-{suffix}", suffix, index);
    }
}
