using Aspire.Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Azure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KedaJobs.ServiceDefaults;

/// <summary>Service Bus queues by connection name.</summary>
public static class ServiceBusQueueExtensions
{
    /// <summary>
    /// Registers the <see cref="ServiceBusQueue"/> that the connection string of this name speaks of, with the connection name as its key.
    /// Connections to one namespace share one <see cref="ServiceBusClient"/>, and so one AMQP connection.
    /// </summary>
    /// <remarks>
    /// The settings come from Aspire's integration: connection string <c>ConnectionStrings:NAME</c> (with EntityPath, as an AppHost's
    /// reference to a queue gives it) and section <c>Aspire:Azure:Messaging:ServiceBus:NAME</c>.
    /// </remarks>
    /// <param name="builder">The application being built.</param>
    /// <param name="connectionName">The connection's name, in this solution "jobs" or "results".</param>
    /// <param name="configureOptions">Retries and timeouts of the client. The first registration for a namespace decides.</param>
    /// <exception cref="InvalidOperationException">There is no such connection string, or it names no queue.</exception>
    public static void AddServiceBusQueue(
        this IHostApplicationBuilder builder, string connectionName, Action<ServiceBusClientOptions>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var settings = new AzureMessagingServiceBusSettings();
        var clients = ClientsOf(builder);
        builder.AddKeyedAzureServiceBusClient(
            connectionName,
            read =>
            {
                settings = read;

                // Aspire would set up tracing for nobody.
                settings.DisableTracing |= !TelemetryExtensions.IsExported(builder.Configuration);
            },
            client => client.ConfigureOptions(options => configureOptions?.Invoke(options)));
        var queueName = QueueNameOf(settings, connectionName);

        // Aspire's client is made when first asked for: the one of a further connection to a namespace never is.
        var client = clients.Find(known => IsSameNamespace(known.Settings, settings)).ConnectionName ?? connectionName;
        clients.Add((client, settings));
        builder.Services.AddKeyedSingleton(
            connectionName,
            (services, _) => new ServiceBusQueue(queueName, services.GetRequiredKeyedService<ServiceBusClient>(client), settings));
    }

    private static List<(string ConnectionName, AzureMessagingServiceBusSettings Settings)> ClientsOf(IHostApplicationBuilder builder)
    {
        if (!builder.Properties.TryGetValue(typeof(ServiceBusQueue), out var known))
        {
            known = new List<(string, AzureMessagingServiceBusSettings)>();
            builder.Properties.Add(typeof(ServiceBusQueue), known);
        }

        return (List<(string, AzureMessagingServiceBusSettings)>)known;
    }

    private static bool IsSameNamespace(AzureMessagingServiceBusSettings one, AzureMessagingServiceBusSettings other) =>
        one.ConnectionString == other.ConnectionString
        && one.FullyQualifiedNamespace == other.FullyQualifiedNamespace
        && one.Credential == other.Credential;

    private static string QueueNameOf(AzureMessagingServiceBusSettings settings, string connectionName)
    {
        if (string.IsNullOrEmpty(settings.ConnectionString) && string.IsNullOrEmpty(settings.FullyQualifiedNamespace))
        {
            throw new InvalidOperationException(
                $"There is no connection string '{connectionName}'. Start through the AppHost (dotnet run --project KedaJobs.AppHost), "
                + $"or set ConnectionStrings__{connectionName}.");
        }

        return string.IsNullOrEmpty(settings.QueueOrTopicName)
            ? throw new InvalidOperationException(
                $"The connection string '{connectionName}' names no queue. Let the AppHost reference the queue instead of its namespace, "
                + "or add ';EntityPath=QUEUE' to it.")
            : settings.QueueOrTopicName;
    }
}
