namespace KedaJobs.Hosting.Broker;

/// <summary>The address of an existing namespace and how to sign in to it.</summary>
/// <param name="HostName">Its host name.</param>
/// <param name="Endpoint">What follows "Endpoint=" in a connection string without entity: the address, and the key if there is one.</param>
internal sealed record NamespaceAddress(string HostName, string Endpoint)
{
    /// <summary>Takes a connection string of the namespace or of an entity of it, a URL, or a bare host name.</summary>
    /// <exception cref="JobDeclarationException">
    /// There is no host in it. The message does not repeat the value, which may hold a key.
    /// </exception>
    public static NamespaceAddress Parse(string connectionString)
    {
        var parts = ConnectionStringParts.OfNamespace(connectionString);
        var endpoint = parts.Count == 0 ? connectionString.Trim() : ConnectionStringParts.Find(parts, ConnectionStringParts.Endpoint) ?? "";
        if (!endpoint.Contains("://", StringComparison.Ordinal))
        {
            endpoint = $"sb://{endpoint}";
        }

        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            throw new JobDeclarationException(
                "The connection string of the existing namespace has no host name, as in Endpoint=sb://NAME.servicebus.windows.net/;...");
        }

        parts.RemoveAll(part => part.Key.Equals(ConnectionStringParts.Endpoint, StringComparison.OrdinalIgnoreCase));
        return new(uri.Host, parts.Count == 0 ? endpoint : $"{endpoint};{ConnectionStringParts.Join(parts)}");
    }
}
