using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Aspire.Hosting.Lifecycle;
using KedaJobs.Hosting;
using KedaJobs.Hosting.Broker;
using KedaJobs.Hosting.Checks;
using KedaJobs.Hosting.Local;
using KedaJobs.Hosting.Local.Entities;
using KedaJobs.Hosting.Publishing;

namespace Aspire.Hosting;

/// <summary>
/// Chooses the broker an Azure Service Bus resource runs on locally. Aspire's own choices are its
/// container (<c>RunAsEmulator</c>) and Azure.
/// </summary>
[AspireExportIgnore(Reason = PolyglotAppHosts.NotSupported)]
public static class EmbeddedServiceBusExtensions
{
    /// <summary>
    /// Runs the namespace on the broker inside the AppHost's process: no container, ready at once, on the loopback interface only (see the
    /// remarks), empty at every start unless it has a data directory. The queues, topics, subscriptions and rules are those declared on the
    /// resource. Does nothing when the AppHost publishes.
    /// </summary>
    /// <remarks>
    /// In the AppHost's configuration, <c>KedaJobs:BrokerPort</c> fixes the port, and <c>KedaJobs:BrokerDataDirectory</c> names a folder
    /// (relative to the AppHost's project) in which what was accepted survives the AppHost, in a folder for each namespace.
    /// <c>KedaJobs:BrokerManagementPort</c> opens a second port for the management API (the official emulator has 5300), and
    /// <c>KedaJobs:BrokerTls=true</c> lets clients also connect with TLS, with ASP.NET Core's development certificate.
    /// <c>KedaJobs:BrokerAcceptRemote=true</c> lets containers and other machines connect, with the key <c>KedaJobs:BrokerKey</c> or,
    /// without one, a key that is made for each run; containers of the AppHost get it in their connection strings.
    /// </remarks>
    /// <param name="builder">The namespace.</param>
    /// <param name="port">The port to listen on, 1 to 65535; null (default): any free one. The configuration goes before it.</param>
    /// <returns>The namespace's builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="port"/> is not in its range.</exception>
    /// <exception cref="JobDeclarationException">A value in the configuration is not allowed; the message says what to write.</exception>
    public static IResourceBuilder<AzureServiceBusResource> RunAsEmbedded(
        this IResourceBuilder<AzureServiceBusResource> builder,
        int? port = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (port is { } asked)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(asked, 1, nameof(port));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(asked, ushort.MaxValue, nameof(port));
        }

        var settings = BrokerSettings.Read(
            builder.ApplicationBuilder.Configuration, port ?? 0, builder.ApplicationBuilder.AppHostDirectory);
        if (IsFirst(builder, new(nameof(RunAsEmbedded), settings.Port == 0 ? null : settings.Port)))
        {
            EmbeddedBroker.Attach(builder, settings);
            EntityMonitor.Attach(builder);
            MeterExport.AddTo(builder.ApplicationBuilder);
        }

        return builder;
    }

    /// <summary>
    /// Runs against a namespace that exists in Azure, with its queues, topics and subscriptions: Aspire provisions nothing.
    /// Does nothing when the AppHost publishes.
    /// </summary>
    /// <remarks>
    /// The connection string with the resource's name (<c>ConnectionStrings:NAME</c>, best in the AppHost's user secrets) names the
    /// namespace: its host name, which is entered with your own identity, or a connection string with a key.
    /// </remarks>
    /// <param name="builder">The namespace.</param>
    /// <returns>The namespace's builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    /// <exception cref="JobDeclarationException">The connection string is missing, or names no namespace.</exception>
    public static IResourceBuilder<AzureServiceBusResource> RunAsExistingNamespace(this IResourceBuilder<AzureServiceBusResource> builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (IsFirst(builder, new(nameof(RunAsExistingNamespace))))
        {
            ExistingNamespace.Attach(builder);
            EntityMonitor.Attach(builder);
        }

        return builder;
    }

    /// <summary>Whether the verb is to be carried out. A second one is only noted: the checks refuse it, in both modes.</summary>
    private static bool IsFirst(IResourceBuilder<AzureServiceBusResource> builder, RunVerbAnnotation verb)
    {
        var isFirst = !builder.Resource.HasAnnotationOfType<RunVerbAnnotation>();
        builder.WithAnnotation(verb);
        builder.ApplicationBuilder.Services.TryAddEventingSubscriber<CheckDeclarations>();
        NamespaceModules.AddTo(builder.ApplicationBuilder);
        return isFirst && builder.ApplicationBuilder.ExecutionContext.IsRunMode;
    }
}
