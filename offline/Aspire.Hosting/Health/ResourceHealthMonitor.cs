using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Health;

/// <summary>Checks every row while it runs, shows the results, and raises its ready event when it is healthy for the first time of that run.</summary>
internal sealed class ResourceHealthMonitor(ResourceNotificationService notifications, HealthCheckService healthChecks, IDistributedApplicationEventing eventing,
    IServiceProvider services, TimeProvider time, ILogger<ResourceHealthMonitor> logger) : BackgroundService
{
    private readonly Dictionary<string, CancellationTokenSource> _monitors = new(StringComparer.OrdinalIgnoreCase);

    internal static TimeSpan HealthyInterval { get; set; } = TimeSpan.FromSeconds(30);

    internal static TimeSpan UnhealthyStep { get; set; } = TimeSpan.FromSeconds(1);

    private const int MaxUnhealthySteps = 5;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var update in notifications.WatchAsync(stoppingToken).ConfigureAwait(false))
            {
                var isRunning = update.Snapshot.State?.Text == KnownResourceStates.Running;
                if (isRunning && !_monitors.ContainsKey(update.ResourceId))
                {
                    var monitor = _monitors[update.ResourceId] = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                    _ = MonitorAsync(update, monitor.Token);
                }
                else if (!isRunning && _monitors.Remove(update.ResourceId, out var ended))
                {
                    await ended.CancelAsync().ConfigureAwait(false);
                    ended.Dispose();
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application stops.
        }
    }

    private async Task MonitorAsync(ResourceEvent row, CancellationToken cancellationToken)
    {
        try
        {
            if (!row.Resource.TryGetAnnotationsIncludingAncestorsOfType<HealthCheckAnnotation>(out var annotations))
            {
                await RaiseReadyAsync(row, cancellationToken).ConfigureAwait(false);
                return;
            }

            var keys = annotations.Select(a => a.Key).ToHashSet();
            var isReady = false;
            var unhealthySteps = 0;
            while (true)
            {
                var reports = await CheckAsync(keys, cancellationToken).ConfigureAwait(false);
                await PublishIfRunningAsync(row, s => s with { HealthReports = reports }, cancellationToken).ConfigureAwait(false);
                var isHealthy = reports.All(r => r.Status == HealthStatus.Healthy);
                if (isHealthy && !isReady)
                {
                    isReady = true;
                    await RaiseReadyAsync(row, cancellationToken).ConfigureAwait(false);
                }

                unhealthySteps = isHealthy ? 0 : Math.Min(unhealthySteps + 1, MaxUnhealthySteps);
                await Task.Delay(isHealthy ? HealthyInterval : UnhealthyStep * unhealthySteps, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It does not run any more.
        }
        catch (Exception exception)
        {
            logger.LogError(exception, "The health of '{Resource}' is no longer checked.", row.Resource.Name);
        }
    }

    private async Task<ImmutableArray<HealthReportSnapshot>> CheckAsync(HashSet<string> keys, CancellationToken cancellationToken)
    {
        var report = await healthChecks.CheckHealthAsync(r => keys.Contains(r.Name), cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow().UtcDateTime;
        return
        [
            .. keys.Select(key => report.Entries.TryGetValue(key, out var entry)
                ? new HealthReportSnapshot(key, entry.Status, entry.Description, entry.Exception?.ToString()) { LastRunAt = now }
                : new HealthReportSnapshot(key, HealthStatus.Unhealthy, $"No health check is registered under the key '{key}'.", null) { LastRunAt = now }),
        ];
    }

    private async Task RaiseReadyAsync(ResourceEvent row, CancellationToken cancellationToken)
    {
        // Who waits for the resource also waits for these handlers, through the snapshot.
        var handlers = eventing.PublishAsync(new ResourceReadyEvent(row.Resource, services), cancellationToken);
        await PublishIfRunningAsync(row, s => s with { ResourceReady = handlers }, cancellationToken).ConfigureAwait(false);
        try
        {
            await handlers.ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogError(exception, "A handler of the ready event of '{Resource}' failed; what waits for the resource fails too.", row.Resource.Name);
        }
    }

    private Task PublishIfRunningAsync(ResourceEvent row, Func<CustomResourceSnapshot, CustomResourceSnapshot> change, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? Task.CompletedTask
            : notifications.PublishUpdateAsync(row.Resource, row.ResourceId, s => s.State?.Text == KnownResourceStates.Running ? change(s) : s);
}
