using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;

namespace KedaJobs.Hosting.Local.Polling;

/// <summary>Where a queue is and how it is entered.</summary>
internal sealed record QueueAddress
{
    // Aspire's emulator container serves the management API on a port of its own, under this endpoint.
    private const string EmulatorManagementEndpoint = "emulatorhealth";

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
        var parts = connectionString
            .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => part.Split('=', 2))
            .Where(part => part.Length == 2 && part[0] != "EntityPath")
            .ToDictionary(part => part[0], part => part[1], StringComparer.OrdinalIgnoreCase);
        if (!parts.TryGetValue("Endpoint", out var endpoint) || !Uri.TryCreate(endpoint, UriKind.Absolute, out var uri))
        {
            throw new InvalidOperationException($"The connection string of queue '{queueName}' has no endpoint.");
        }

        var namespaceString = Join(parts);
        if (managementPort is { } port)
        {
            parts["Endpoint"] = new UriBuilder(uri) { Port = port }.Uri.AbsoluteUri;
        }

        return new()
        {
            QueueName = queueName,
            ConnectionString = namespaceString,
            ManagementConnectionString = Join(parts),
            HostName = uri.Host,
            HasKey = parts.ContainsKey("SharedAccessKey") || parts.ContainsKey("SharedAccessSignature"),
        };
    }

    private static string Join(Dictionary<string, string> parts) => string.Join(';', parts.Select(part => $"{part.Key}={part.Value}"));

    private static int? ManagementPort(AzureServiceBusResource bus) => bus.Annotations
        .OfType<EndpointAnnotation>()
        .FirstOrDefault(endpoint => endpoint.Name == EmulatorManagementEndpoint)?.AllocatedEndpoint?.Port;
}
