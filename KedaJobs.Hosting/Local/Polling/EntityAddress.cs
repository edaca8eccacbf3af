using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Identity;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using KedaJobs.Hosting.Broker;

namespace KedaJobs.Hosting.Local.Polling;

/// <summary>The address of an entity's namespace and how to sign in to it.</summary>
internal sealed record EntityAddress
{
    // Aspire's emulator container serves the management API on a port of its own, under this endpoint.
    private const string EmulatorManagementEndpoint = "emulatorhealth";

    private static readonly string[] Keys = ["SharedAccessKey", "SharedAccessSignature"];

    /// <summary>The namespace's connection string, without entity.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>As <see cref="ConnectionString"/>, for the management API.</summary>
    public required string ManagementConnectionString { get; init; }

    public required string HostName { get; init; }

    /// <summary>Whether the connection string holds a key; otherwise the developer's own identity is used.</summary>
    public required bool HasKey { get; init; }

    /// <summary>Takes the address from the entity's connection string, which must be available.</summary>
    public static Task<EntityAddress> OfAsync(TriggerEntity entity, CancellationToken cancellationToken) =>
        OfAsync(entity.Resource, entity.Namespace, entity.Path, cancellationToken);

    /// <inheritdoc cref="OfAsync(TriggerEntity, CancellationToken)"/>
    public static async Task<EntityAddress> OfAsync(
        IResourceWithConnectionString entity, AzureServiceBusResource bus, string path, CancellationToken cancellationToken)
    {
        var connectionString = await entity.ConnectionStringExpression.GetValueAsync(cancellationToken).ConfigureAwait(false);
        return Parse(path, connectionString ?? "", ManagementPort(bus));
    }

    /// <summary>A client of the namespace: with its key, or else with the developer's own identity.</summary>
    public ServiceBusClient CreateClient() => HasKey ? new(ConnectionString) : new(HostName, new DefaultAzureCredential());

    /// <summary>A client of the namespace's management API, as <see cref="CreateClient"/>.</summary>
    public ServiceBusAdministrationClient CreateAdministrationClient() =>
        HasKey ? new(ManagementConnectionString) : new(HostName, new DefaultAzureCredential());

    /// <exception cref="InvalidOperationException">There is no endpoint in it.</exception>
    public static EntityAddress Parse(string entityPath, string connectionString, int? managementPort = null)
    {
        var parts = ConnectionStringParts.OfNamespace(connectionString);
        if (!Uri.TryCreate(ConnectionStringParts.Find(parts, ConnectionStringParts.Endpoint), UriKind.Absolute, out var endpoint))
        {
            throw new InvalidOperationException($"The connection string of '{entityPath}' has no endpoint.");
        }

        var namespaceString = ConnectionStringParts.Join(parts);
        return new()
        {
            ConnectionString = namespaceString,
            ManagementConnectionString = managementPort is { } port ? WithPort(parts, endpoint, port) : namespaceString,
            HostName = endpoint.Host,
            HasKey = Keys.Any(key => ConnectionStringParts.Find(parts, key) is not null),
        };
    }

    private static string WithPort(IEnumerable<KeyValuePair<string, string>> parts, Uri endpoint, int port) => ConnectionStringParts.Join(
        parts.Select(part => part.Key.Equals(ConnectionStringParts.Endpoint, StringComparison.OrdinalIgnoreCase)
            ? KeyValuePair.Create(part.Key, new UriBuilder(endpoint) { Port = port }.Uri.AbsoluteUri)
            : part));

    private static int? ManagementPort(AzureServiceBusResource bus) => bus.Annotations
        .OfType<EndpointAnnotation>()
        .FirstOrDefault(endpoint => endpoint.Name == EmulatorManagementEndpoint)?.AllocatedEndpoint?.Port;
}
