using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting.Broker;
using KedaJobs.Hosting.Local;
using KedaJobs.Hosting.Local.Entities;

namespace Aspire.Hosting;

/// <summary>Chooses the broker an Azure Service Bus resource runs on locally.</summary>
public static class EmbeddedServiceBusExtensions
{
    /// <summary>
    /// Runs the namespace on the broker inside the AppHost's process: no container, ready at once, on the loopback interface only, empty at
    /// every start unless it has a data directory. The queues, topics, subscriptions and rules are those declared on the resource. Does nothing when the AppHost publishes.
    /// </summary>
    /// <remarks>
    /// The AppHost's configuration can choose another broker: <c>--broker container</c> (or <c>KedaJobs:Broker</c>) is Aspire's
    /// <c>RunAsEmulator()</c>; <c>--broker azure</c> is an existing namespace, named by the connection string with the resource's name, whose
    /// queues exist already. <c>KedaJobs:BrokerPort</c> fixes the port; <c>KedaJobs:BrokerDataDirectory</c> names a folder (relative to the
    /// AppHost's project) in which what was accepted survives the AppHost, in a folder for each namespace. <c>KedaJobs:BrokerManagementPort</c>
    /// opens a second port for the management API (the official emulator has 5300), and <c>KedaJobs:BrokerTls=true</c> lets clients also connect with TLS,
    /// with ASP.NET Core's development certificate.
    /// </remarks>
    /// <param name="builder">The namespace.</param>
    /// <param name="port">The port to listen on, 1 to 65535; null (default): any free one. The configuration goes before it.</param>
    /// <returns>The namespace's builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    /// <exception cref="InvalidOperationException">
    /// The configuration names no such broker or no such port, or the connection string of <c>--broker azure</c> is missing.
    /// </exception>
    public static IResourceBuilder<AzureServiceBusResource> RunAsEmbedded(
        this IResourceBuilder<AzureServiceBusResource> builder,
        int? port = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!builder.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            return builder;
        }

        var settings = BrokerSettings.Read(builder.ApplicationBuilder.Configuration, port ?? 0, builder.ApplicationBuilder.AppHostDirectory);
        EntityMonitor.Attach(builder, settings.Kind);
        switch (settings.Kind)
        {
            case BrokerKind.Container:
                builder.ApplicationBuilder.OnBeforeStart((beforeStart, _) =>
                {
                    AzureEnvironmentRow.HideIfIdle(builder.ApplicationBuilder, beforeStart.Model);
                    return Task.CompletedTask;
                });
                return builder.RunAsEmulator();
            case BrokerKind.Azure:
                ExistingNamespace.Attach(builder);
                return builder;
            default:
                EmbeddedBroker.Attach(builder, settings);
                MeterExport.AddTo(builder.ApplicationBuilder);
                return builder;
        }
    }
}
