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
/// Chooses the broker that an Azure Service Bus resource uses locally. Aspire's own options are the emulator container
/// (<c>RunAsEmulator</c>) and Azure.
/// </summary>
[AspireExportIgnore(Reason = PolyglotAppHosts.NotSupported)]
public static class EmbeddedServiceBusExtensions
{
    /// <summary>
    /// Runs the namespace on a broker inside the AppHost's process. It needs no container, is ready immediately, listens on the loopback
    /// interface only (see the remarks), and starts empty unless it has a data directory. The queues, topics, subscriptions and rules are
    /// those declared on the resource. Does nothing when the AppHost publishes.
    /// </summary>
    /// <remarks>
    /// In the AppHost's configuration, <c>KedaJobs:BrokerPort</c> fixes the port, and <c>KedaJobs:BrokerDataDirectory</c> names a folder
    /// (relative to the AppHost's project) that keeps entities and messages when the AppHost stops, in a subfolder for each namespace.
    /// <c>KedaJobs:BrokerManagementPort</c> opens a second port for the management API (the official emulator uses 5300), and
    /// <c>KedaJobs:BrokerTls=true</c> lets clients also connect with TLS, with ASP.NET Core's development certificate.
    /// <c>KedaJobs:BrokerAcceptRemote=true</c> lets containers and other machines connect, with the key <c>KedaJobs:BrokerKey</c> or, if
    /// none is set, a key that is generated for each run; containers of the AppHost get it in their connection strings.
    /// </remarks>
    /// <param name="builder">The namespace.</param>
    /// <param name="port">The port to listen on, 1 to 65535; null (default): any free one. The configuration takes precedence.</param>
    /// <returns>The namespace's builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="port"/> is not in its range.</exception>
    /// <exception cref="JobDeclarationException">A configuration value is invalid; the message says what to write instead.</exception>
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
    /// Uses a namespace that exists in Azure, with its queues, topics and subscriptions. Aspire provisions nothing.
    /// Does nothing when the AppHost publishes.
    /// </summary>
    /// <remarks>
    /// The connection string with the resource's name (<c>ConnectionStrings:NAME</c>, preferably in the AppHost's user secrets) is either
    /// the namespace's host name, which you access with your own identity, or a connection string with a key.
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

    /// <summary>Whether the verb takes effect. A second verb is only recorded: the checks reject it, in both modes.</summary>
    private static bool IsFirst(IResourceBuilder<AzureServiceBusResource> builder, RunVerbAnnotation verb)
    {
        var isFirst = !builder.Resource.HasAnnotationOfType<RunVerbAnnotation>();
        builder.WithAnnotation(verb);
        builder.ApplicationBuilder.Services.TryAddEventingSubscriber<CheckDeclarations>();
        NamespaceModules.AddTo(builder.ApplicationBuilder);
        return isFirst && builder.ApplicationBuilder.ExecutionContext.IsRunMode;
    }
}
