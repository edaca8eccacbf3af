using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;
using KedaJobs.Hosting.Checks;
using KedaJobs.Hosting.Local.WhatIf;
using KedaJobs.ServiceBus;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Hosting.Broker;

/// <summary>One namespace on a broker inside this process.</summary>
/// <remarks>
/// The broker starts when the model is complete (BeforeStartEvent, which the host awaits): its port is known before any resource is
/// initialized. A hosted service would be too late, because the host starts those only after every wait for the queue has ended.
/// </remarks>
internal sealed class EmbeddedBroker : IHealthCheck, IDistributedApplicationEventingSubscriber
{
    private readonly IDistributedApplicationBuilder _builder;
    private readonly AzureServiceBusResource _bus;
    private readonly BrokerSettings _settings;
    private int _port;
    private string? _failure;

    private EmbeddedBroker(IDistributedApplicationBuilder builder, AzureServiceBusResource bus, BrokerSettings settings)
    {
        _builder = builder;
        _bus = bus;
        _settings = settings;
        _port = settings.Port;
    }

    public static void Attach(IResourceBuilder<AzureServiceBusResource> bus, BrokerSettings settings)
    {
        var builder = bus.ApplicationBuilder;
        var broker = new EmbeddedBroker(builder, bus.Resource, settings);
        var healthCheck = $"{bus.Resource.Name}_embedded_broker";
        builder.Services.TryAddSingleton<EmbeddedBrokers>();
        builder.Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, EmbeddedBrokers>(services => services.GetRequiredService<EmbeddedBrokers>()));
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHealthChecks().AddCheck(healthCheck, broker);

        // In this order, so that no broker starts for a declaration that the checks reject.
        builder.Services.TryAddEventingSubscriber<CheckDeclarations>();
        builder.Services.AddSingleton<IDistributedApplicationEventingSubscriber>(broker);

        // Keeps Aspire from provisioning the namespace.
        bus.WithAnnotation(new EmulatorResourceAnnotation()).WithHealthCheck(healthCheck);
        bus.OnInitializeResource((_, initialize, cancellationToken) =>
        {
            EmulatorEndpoint.Apply(broker._bus, broker._port);
            return broker.PublishAsync(initialize, cancellationToken);
        });
    }

    public Task SubscribeAsync(
        IDistributedApplicationEventing eventing, DistributedApplicationExecutionContext executionContext,
        CancellationToken cancellationToken)
    {
        eventing.Subscribe<BeforeStartEvent>(StartAsync);
        return Task.CompletedTask;
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (_failure is not null)
        {
            return HealthCheckResult.Unhealthy(_failure);
        }

        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, _port, cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy();
        }
        catch (SocketException exception)
        {
            return HealthCheckResult.Unhealthy($"The embedded broker does not answer on port {_port}.", exception);
        }
    }

    private async Task StartAsync(BeforeStartEvent beforeStart, CancellationToken cancellationToken)
    {
        var services = beforeStart.Services;
        AzureEnvironmentRow.HideIfIdle(_builder, beforeStart.Model);
        if (_settings.RemoteKey is { } remoteKey)
        {
            RemoteKey.GiveToContainers(beforeStart.Model, () => _port, remoteKey);
        }

        foreach (var entity in NamespaceEntities.Of(_bus, beforeStart.Model.Resources))
        {
            _builder.Eventing.Subscribe<InitializeResourceEvent>(entity, PublishAsync);
        }

        try
        {
            var options = new BrokerOptions
            {
                Port = _settings.Port,
                ManagementPort = _settings.ManagementPort,
                Certificate = _settings.Tls ? BrokerCertificate.FindDevelopment() : null,
                AcceptRemoteConnections = _settings.RemoteKey is not null,
                Rules = Rules(_settings.RemoteKey),
                Queues = EntityDeclarations.Queues(_bus, beforeStart.Model),
                Topics = EntityDeclarations.Topics(_bus, beforeStart.Model),
                Observer = services.GetService<LoadRecorder>()?.Observe(_bus),
                DataDirectory = _settings.DataDirectory is { } directory ? Path.Combine(directory, _bus.Name) : null,
            };
            var broker = await ServiceBusBroker.StartAsync(
                options, services.GetRequiredService<ILoggerFactory>(), services.GetRequiredService<TimeProvider>(), cancellationToken)
                .ConfigureAwait(false);
            services.GetRequiredService<EmbeddedBrokers>().Add(broker);
            _port = broker.Port;
        }
        catch (BrokerStartException exception)
        {
            _failure = exception.Message;
            Log.BrokerNotStarted(services.GetRequiredService<ILogger<EmbeddedBroker>>(), _bus.Name, _failure);
        }
    }

    /// <summary>Aspire writes the emulator's key into all connection strings; it stays valid on this machine.</summary>
    private static SharedAccessRule[] Rules(string? remoteKey) => remoteKey is null
        ? [SharedAccessRule.Default]
        : [SharedAccessRule.Default with { LoopbackOnly = true }, SharedAccessRule.Default with { Key = remoteKey }];

    private async Task PublishAsync(InitializeResourceEvent resource, CancellationToken cancellationToken)
    {
        if (_failure is null)
        {
            await ResourceStates
                .PublishRunningAsync(resource, resource.Services.GetRequiredService<TimeProvider>(), cancellationToken)
                .ConfigureAwait(false);
            return;
        }

        Log.BrokerNotStarted(resource.Logger, _bus.Name, _failure);
        await ResourceStates.PublishFailedAsync(resource).ConfigureAwait(false);
    }
}
