using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

public partial class ResourceNotificationService
{
    public async Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default)
    {
        string[] targetStates = !string.IsNullOrEmpty(targetState) ? [targetState] : [KnownResourceStates.Running];
        await WaitForResourceAsync(resourceName, targetStates, cancellationToken).ConfigureAwait(false);
    }

    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(targetStates);
        var wanted = targetStates.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var reached = await WaitForResourceAsync(resourceName, e => e.Snapshot.State?.Text is { } text && wanted.Contains(text), cancellationToken).ConfigureAwait(false);
        return reached.Snapshot.State!.Text;
    }

    /// <summary>Waits for a row of the named resource (or for the row of that id) to satisfy the predicate. A resource that never comes is waited for.</summary>
    public Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resourceName);
        ArgumentNullException.ThrowIfNull(predicate);
        return FirstAsync(e => (string.Equals(e.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase)
            || string.Equals(e.ResourceId, resourceName, StringComparison.OrdinalIgnoreCase)) && predicate(e), cancellationToken);
    }

    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, DefaultWaitBehavior, cancellationToken);

    /// <exception cref="DistributedApplicationException">The resource ended first and <paramref name="waitBehavior"/> says to stop then.</exception>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        var reached = await WaitForResourceAsync(resourceName, e => IsHealthy(e.Snapshot) || GivesUp(e.Snapshot, waitBehavior), cancellationToken).ConfigureAwait(false);
        if (!IsHealthy(reached.Snapshot))
        {
            throw new DistributedApplicationException($"Stopped waiting for resource '{resourceName}' to become healthy because it failed to start.");
        }

        reached = await WaitForResourceAsync(resourceName, e => e.ResourceId == reached.ResourceId && e.Snapshot.ResourceReady is not null, cancellationToken).ConfigureAwait(false);
        await reached.Snapshot.ResourceReady!.WaitAsync(cancellationToken).ConfigureAwait(false);
        return TryGetCurrentState(reached.ResourceId, out var latest) ? latest : reached;
    }

    /// <summary>Waits for everything that the resource was told to wait for.</summary>
    public async Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var waits = resource.Annotations.OfType<WaitAnnotation>().ToArray();
        if (waits.Length == 0)
        {
            return;
        }

        await Task.WhenAll(waits.Select(wait => WaitForDependencyAsync(resource, wait, cancellationToken))).ConfigureAwait(false);
    }

    private async Task WaitForDependencyAsync(IResource resource, WaitAnnotation wait, CancellationToken cancellationToken)
    {
        var logger = _loggers.GetLogger(resource);
        foreach (var id in wait.Resource.GetResolvedResourceNames())
        {
            await (wait.WaitType == WaitType.WaitForCompletion
                ? WaitForCompletionAsync(wait, id, logger, cancellationToken)
                : WaitForRunningAsync(wait, id, logger, cancellationToken)).ConfigureAwait(false);
        }

        logger.LogInformation("Finished waiting for resource '{ResourceName}'.", wait.Resource.Name);
    }

    private async Task WaitForRunningAsync(WaitAnnotation wait, string id, ILogger logger, CancellationToken cancellationToken)
    {
        var behavior = wait.WaitBehavior ?? DefaultWaitBehavior;
        var name = wait.Resource.Name;
        logger.LogInformation("Waiting for resource '{ResourceName}' to enter the '{State}' state.", name, KnownResourceStates.Running);
        var running = await RowAsync(id, s => s.State?.Text == KnownResourceStates.Running || GivesUp(s, behavior), cancellationToken).ConfigureAwait(false);
        if (running.Snapshot.State?.Text != KnownResourceStates.Running)
        {
            logger.LogError("Dependency resource '{ResourceName}' failed to start.", name);
            throw new DistributedApplicationException($"Dependency resource '{name}' failed to start.");
        }

        if (wait.WaitType == WaitType.WaitUntilStarted)
        {
            return;
        }

        if (wait.Resource.HasAnnotationIncludingAncestorsOfType<HealthCheckAnnotation>())
        {
            logger.LogInformation("Waiting for resource '{ResourceName}' to become healthy.", name);
            var healthy = await RowAsync(id, s => IsHealthy(s) || GivesUp(s, behavior), cancellationToken).ConfigureAwait(false);
            if (!IsHealthy(healthy.Snapshot))
            {
                logger.LogError("Dependency resource '{ResourceName}' ended before it became healthy.", name);
                throw new DistributedApplicationException($"Dependency resource '{name}' ended before it became healthy.");
            }
        }

        logger.LogInformation("Waiting for resource ready to execute for '{ResourceName}'.", name);
        var ready = await RowAsync(id, s => s.ResourceReady is not null, cancellationToken).ConfigureAwait(false);
        await ready.Snapshot.ResourceReady!.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task WaitForCompletionAsync(WaitAnnotation wait, string id, ILogger logger, CancellationToken cancellationToken)
    {
        var name = wait.Resource.Name;
        logger.LogInformation("Waiting for resource '{ResourceName}' to complete.", name);
        var ended = (await RowAsync(id, s => KnownResourceStates.IsTerminal(s.State?.Text), cancellationToken).ConfigureAwait(false)).Snapshot;
        if (ended.State?.Text == KnownResourceStates.FailedToStart)
        {
            logger.LogError("Dependency resource '{ResourceName}' failed to start.", name);
            throw new DistributedApplicationException($"Dependency resource '{name}' failed to start.");
        }

        if (ended.ExitCode is { } exitCode && exitCode != wait.ExitCode)
        {
            logger.LogError("Resource '{ResourceName}' has entered the '{State}' state with exit code '{ExitCode}', expected '{ExpectedExitCode}'.",
                name, ended.State!.Text, exitCode, wait.ExitCode);
            throw new DistributedApplicationException(
                $"Resource '{name}' has entered the '{ended.State.Text}' state with exit code '{exitCode}', expected '{wait.ExitCode}'.");
        }
    }

    private Task<ResourceEvent> RowAsync(string id, Func<CustomResourceSnapshot, bool> predicate, CancellationToken cancellationToken) =>
        FirstAsync(e => string.Equals(e.ResourceId, id, StringComparison.OrdinalIgnoreCase) && predicate(e.Snapshot), cancellationToken);

    private async Task<ResourceEvent> FirstAsync(Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken)
    {
        // What holds already is true also of an application that stops.
        if (_rows.Values.Select(r => r.Latest).OfType<ResourceEvent>().FirstOrDefault(predicate) is { } current)
        {
            return current;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _lifetime.ApplicationStopping);
        await foreach (var resourceEvent in WatchAsync(stop.Token).ConfigureAwait(false))
        {
            if (predicate(resourceEvent))
            {
                return resourceEvent;
            }
        }

        throw new OperationCanceledException("The application stopped before the resource met the predicate.");
    }

    private static bool IsHealthy(CustomResourceSnapshot snapshot) => snapshot.HealthStatus == HealthStatus.Healthy;

    private static bool GivesUp(CustomResourceSnapshot snapshot, WaitBehavior behavior) =>
        behavior == WaitBehavior.StopOnResourceUnavailable
        && (KnownResourceStates.IsTerminal(snapshot.State?.Text) || snapshot.State?.Text == KnownResourceStates.RuntimeUnhealthy);
}
