using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting.Broker;

namespace KedaJobs.Hosting.Local.Polling;

/// <summary>Where a queue is and how it is entered.</summary>
internal sealed record QueueAddress
{
    // Aspire's emulator container serves the management API on a port of its own, under this endpoint.
    private const string EmulatorManagementEndpoint = "emulatorhealth";

    private static readonly string[] Keys = ["SharedAccessKey", "SharedAccessSignature"];

    public required string QueueName { get; init; }

    /// <summary>The namespace's connection string, without entity.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>As <see cref="ConnectionString"/>, for the management API.</summary>
    public required string ManagementConnectionString { get; init; }

    public required string HostName { get; init; }

    /// <summary>Whether the connection string holds a key; otherwise the developer's own identity is used.</summary>
    public required bool HasKey { get; init; }

    /// <summary>Takes the address from the queue's connection string, which must be available.</summary>
    public static async Task<QueueAddress> OfAsync(AzureServiceBusQueueResource queue, CancellationToken cancellationToken)
    {
        var connectionString = await queue.ConnectionStringExpression.GetValueAsync(cancellationToken).ConfigureAwait(false);
        return Parse(queue.QueueName, connectionString ?? "", ManagementPort(queue.Parent));
    }

    /// <exception cref="InvalidOperationException">There is no endpoint in it.</exception>
    public static QueueAddress Parse(string queueName, string connectionString, int? managementPort = null)
    {
        var parts = ConnectionStringParts.OfNamespace(connectionString);
        if (!Uri.TryCreate(ConnectionStringParts.Find(parts, ConnectionStringParts.Endpoint), UriKind.Absolute, out var endpoint))
        {
            throw new InvalidOperationException($"The connection string of queue '{queueName}' has no endpoint.");
        }

        var namespaceString = ConnectionStringParts.Join(parts);
        return new()
        {
            QueueName = queueName,
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
