using Azure.Identity;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Configuration;

namespace KedaJobs.Jobs.Hosting;

/// <summary>
/// A connection string as Aspire's references and Azure's portal write it:
/// <c>Endpoint=...;SharedAccessKeyName=...;SharedAccessKey=...;EntityPath=jobs</c>,
/// <c>Endpoint=https://NAMESPACE.servicebus.windows.net;EntityPath=jobs</c>, or the namespace alone.
/// </summary>
/// <param name="Address">What the client is made of: a connection string without its entity, or the namespace's name.</param>
/// <param name="HasKey">Whether it holds a key; without one the client signs in with a Microsoft Entra identity.</param>
/// <param name="Entity">The queue or topic; null if the connection string names none.</param>
/// <param name="Subscription">The subscription; null if the connection string names none.</param>
internal sealed record QueueConnection(string Address, bool HasKey, string? Entity, string? Subscription)
{
    private const string EndpointKey = "Endpoint";
    private const string EntityKey = "EntityPath";
    private const string SubscriptionsSegment = "/Subscriptions/";

    /// <exception cref="QueueJobConfigurationException">There is no connection string of this name.</exception>
    public static QueueConnection Read(IConfiguration configuration, string name)
    {
        var text = configuration[$"ConnectionStrings:{name}"];
        return string.IsNullOrWhiteSpace(text)
            ? throw new QueueJobConfigurationException(
                $"There is no connection string '{name}'. Start through the AppHost (dotnet run --project KedaJobs.AppHost), "
                + $"or set ConnectionStrings__{name}.")
            : Parse(text);
    }

    public static QueueConnection Parse(string text)
    {
        if (!text.Contains('=', StringComparison.Ordinal))
        {
            return new(text.Trim(), HasKey: false, null, null);
        }

        string? endpoint = null, entity = null, subscription = null;
        var kept = new List<string>();
        var hasKey = false;
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var split = part.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = split < 0 ? (part, "") : (part[..split].TrimEnd(), part[(split + 1)..].TrimStart());
            if (key.Equals(EntityKey, StringComparison.OrdinalIgnoreCase))
            {
                (entity, subscription) = Split(value);
                continue;
            }

            kept.Add(part);
            if (key.Equals(EndpointKey, StringComparison.OrdinalIgnoreCase))
            {
                endpoint = value;
            }
            else
            {
                hasKey = true;
            }
        }

        // The client wants no entity in it: it is used for others, too.
        return hasKey || endpoint is null
            ? new(string.Join(';', kept), HasKey: true, entity, subscription)
            : new(Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) ? uri.Host : endpoint, HasKey: false, entity, subscription);
    }

    /// <exception cref="QueueJobConfigurationException">The connection string cannot be used.</exception>
    public ServiceBusClient CreateClient(string name, ServiceBusClientOptions options)
    {
        try
        {
            return HasKey ? new ServiceBusClient(Address, options) : new ServiceBusClient(Address, new DefaultAzureCredential(), options);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new QueueJobConfigurationException($"The connection string '{name}' cannot be used: {e.Message}", e);
        }
    }

    private static (string? Entity, string? Subscription) Split(string path)
    {
        var at = path.IndexOf(SubscriptionsSegment, StringComparison.OrdinalIgnoreCase);
        return path.Length == 0 ? (null, null)
            : at > 0 && at + SubscriptionsSegment.Length < path.Length ? (path[..at], path[(at + SubscriptionsSegment.Length)..])
            : (path, null);
    }
}
