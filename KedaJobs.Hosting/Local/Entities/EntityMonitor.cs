using System.Collections.Concurrent;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Messaging.ServiceBus.Administration;
using KedaJobs.Hosting.Broker;
using KedaJobs.Hosting.Local.Dashboard;
using KedaJobs.Hosting.Local.Polling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace KedaJobs.Hosting.Local.Entities;

/// <summary>How often the counts of entities are read. Real namespaces are polled less often than one on this machine.</summary>
internal sealed record EntityMonitorSettings(TimeSpan Interval)
{
    public static EntityMonitorSettings Of(DistributedApplicationModel model) =>
        new(TimeSpan.FromSeconds(model.Resources.OfType<AzureServiceBusResource>().All(IsOnThisMachine) ? 2 : 10));

    private static bool IsOnThisMachine(AzureServiceBusResource bus) =>
        bus.IsEmulator() && bus.Annotations.OfType<RunVerbAnnotation>()
            .All(verb => verb.Verb != nameof(EmbeddedServiceBusExtensions.RunAsExistingNamespace));
}

/// <summary>Keeps the message counts of queues, topics and subscriptions on their resources.</summary>
internal sealed class EntityMonitor(
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    EntityClients clients,
    EntityMonitorSettings settings,
    TimeProvider timeProvider) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<Task> _loops = [];

    /// <summary>
    /// Gives the entities of a namespace their commands and live counts when the AppHost runs, once,
    /// regardless of the broker that the namespace uses.
    /// </summary>
    public static void Attach(IResourceBuilder<AzureServiceBusResource> bus)
    {
        if (bus.Resource.HasAnnotationOfType<Monitored>())
        {
            return;
        }

        bus.WithAnnotation(new Monitored());
        var builder = bus.ApplicationBuilder;
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(services => EntityMonitorSettings.Of(services.GetRequiredService<DistributedApplicationModel>()));
        builder.Services.TryAddSingleton<EntityClients>();
        if (builder.Services.All(service => service.ServiceType != typeof(EntityMonitor)))
        {
            builder.Services.AddSingleton<EntityMonitor>();
            builder.Services.AddSingleton<IHostedService>(services => services.GetRequiredService<EntityMonitor>());
        }

        builder.OnBeforeStart((beforeStart, _) =>
        {
            foreach (var target in NamespaceEntities.Of(bus.Resource, beforeStart.Model.Resources).Select(EntityTarget.Of)
                .OfType<EntityTarget>())
            {
                EntityCommands.AddTo(builder, target);
                builder.Eventing.Subscribe<InitializeResourceEvent>(target.Resource, (initialize, _) =>
                {
                    initialize.Services.GetRequiredService<EntityMonitor>().Begin(target);
                    return Task.CompletedTask;
                });
            }

            return Task.CompletedTask;
        });
    }

    private sealed class Monitored : IResourceAnnotation;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_loops).ConfigureAwait(false);
    }

    public void Dispose() => _stopping.Dispose();

    private void Begin(EntityTarget target) => _loops.Add(RunAsync(target, _stopping.Token));

    private async Task RunAsync(EntityTarget target, CancellationToken cancellationToken)
    {
        try
        {
            await notifications.WaitForResourceHealthyAsync(target.Resource.Name, cancellationToken).ConfigureAwait(false);
            using var timer = new PeriodicTimer(settings.Interval, timeProvider);
            EntityCounts? shown = null;
            do
            {
                var counts = await ReadAsync(target, cancellationToken).ConfigureAwait(false);
                if (counts != shown)
                {
                    await PublishAsync(target, counts).ConfigureAwait(false);
                    shown = counts;
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The AppHost stops.
        }
        catch (Exception exception)
        {
            // The entity will not become healthy: its own resource says why.
            Log.CountsUnavailable(loggers.GetLogger(target.Resource), exception.Message);
        }
    }

    private async Task<EntityCounts> ReadAsync(EntityTarget target, CancellationToken cancellationToken)
    {
        try
        {
            var administration = await clients.AdministrationAsync(target, cancellationToken).ConfigureAwait(false);
            return await CallDeadline.ApplyAsync(
                token => EntityCounts.ReadAsync(administration, target, token), CallDeadline.Keda, timeProvider, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return new() { Problem = exception.Message };
        }
    }

    private Task PublishAsync(EntityTarget target, EntityCounts counts) =>
        notifications.PublishUpdateAsync(target.Resource, resource => resource with
        {
            Properties = new SnapshotProperties(resource.Properties)
                .Highlight("Counts", counts.Problem is { } problem ? $"unknown: {problem}" : null)
                .Highlight("Active messages", counts.Active)
                .Highlight("Scheduled messages", counts.Scheduled)
                .Highlight("Dead-lettered messages", counts.DeadLettered)
                .Highlight("Size", Size(counts.Bytes))
                .ToImmutable(),
        });

    private static string? Size(long? bytes) =>
        bytes is { } known ? $"{(known / 1024.0).ToString("0.#", CultureInfo.InvariantCulture)} KiB" : null;
}

/// <summary>An entity's counts, as far as it has them.</summary>
internal sealed record EntityCounts
{
    public long? Active { get; init; }

    public long? Scheduled { get; init; }

    public long? DeadLettered { get; init; }

    public long? Bytes { get; init; }

    /// <summary>Why the counts are unknown, or null.</summary>
    public string? Problem { get; init; }

    public static async Task<EntityCounts> ReadAsync(
        ServiceBusAdministrationClient administration, EntityTarget target, CancellationToken cancellationToken)
    {
        switch (target)
        {
            case EntityTarget.Queue:
                var queue =
                    (await administration.GetQueueRuntimePropertiesAsync(target.SendPath, cancellationToken).ConfigureAwait(false)).Value;
                return new()
                {
                    Active = queue.ActiveMessageCount,
                    Scheduled = queue.ScheduledMessageCount,
                    DeadLettered = queue.DeadLetterMessageCount,
                    Bytes = queue.SizeInBytes,
                };
            case EntityTarget.Subscription { Declared: var declared }:
                var subscription = (await administration
                    .GetSubscriptionRuntimePropertiesAsync(declared.Parent.TopicName, declared.SubscriptionName, cancellationToken)
                    .ConfigureAwait(false)).Value;
                return new() { Active = subscription.ActiveMessageCount, DeadLettered = subscription.DeadLetterMessageCount };
            default:
                var topic =
                    (await administration.GetTopicRuntimePropertiesAsync(target.SendPath, cancellationToken).ConfigureAwait(false)).Value;
                return new() { Scheduled = topic.ScheduledMessageCount, Bytes = topic.SizeInBytes };
        }
    }
}
