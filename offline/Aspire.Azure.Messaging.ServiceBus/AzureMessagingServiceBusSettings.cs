using System.Data.Common;
using Azure.Core;

namespace Aspire.Azure.Messaging.ServiceBus;

public sealed class AzureMessagingServiceBusSettings
{
    private const string EntityPathKey = "EntityPath";
    private const string SubscriptionsSegment = "/Subscriptions/";
    private bool? _disableTracing;

    /// <summary>Wins over the namespace and the credential.</summary>
    public string? ConnectionString { get; set; }

    public string? FullyQualifiedNamespace { get; set; }

    public TokenCredential? Credential { get; set; }

    /// <summary>There is a health check only when a queue is named for it.</summary>
    public string? HealthCheckQueueName { get; set; }

    public string? QueueOrTopicName { get; set; }

    public string? SubscriptionName { get; set; }

    /// <summary>Off only while the Azure SDK's experimental activity sources are switched on.</summary>
    public bool DisableTracing
    {
        get => _disableTracing ??= !ActivitySourcesAreOn();
        set => _disableTracing = value;
    }

    /// <summary>
    /// Takes apart what <c>ConnectionStrings</c> holds: a bare namespace, an endpoint without a key, or a whole connection string.
    /// EntityPath names the entity and is taken out, so that the client is good for other entities too.
    /// </summary>
    internal void ParseConnectionString(string? connectionString)
    {
        if (string.IsNullOrEmpty(connectionString))
        {
            return;
        }

        if (!connectionString.Contains(';', StringComparison.Ordinal)
            && !connectionString.StartsWith("Endpoint=", StringComparison.OrdinalIgnoreCase))
        {
            FullyQualifiedNamespace = connectionString;
            return;
        }

        var parts = new DbConnectionStringBuilder { ConnectionString = connectionString };
        var namesEntity = parts.TryGetValue(EntityPathKey, out var entityPath);
        if (namesEntity)
        {
            SetEntity(entityPath?.ToString());
            parts.Remove(EntityPathKey);
        }

        if (parts.Count == 1 && parts.TryGetValue("Endpoint", out var endpoint))
        {
            var text = endpoint.ToString();
            FullyQualifiedNamespace = Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri.Host : text;
            return;
        }

        ConnectionString = namesEntity ? WithoutEntityPath(connectionString) : connectionString;
    }

    private static string WithoutEntityPath(string connectionString)
    {
        var kept = connectionString.Split(';')
            .Where(part => !string.IsNullOrWhiteSpace(part)
                && !part.TrimStart().StartsWith($"{EntityPathKey}=", StringComparison.OrdinalIgnoreCase));
        return string.Join(';', kept) + (connectionString.EndsWith(';') ? ";" : "");
    }

    private static bool ActivitySourcesAreOn()
    {
        if (AppContext.TryGetSwitch("Azure.Experimental.EnableActivitySource", out var on))
        {
            return on;
        }

        var variable = Environment.GetEnvironmentVariable("AZURE_EXPERIMENTAL_ENABLE_ACTIVITY_SOURCE");
        return variable == "1" || string.Equals(variable, "true", StringComparison.OrdinalIgnoreCase);
    }

    private void SetEntity(string? entityPath)
    {
        if (string.IsNullOrEmpty(entityPath))
        {
            return;
        }

        var at = entityPath.IndexOf(SubscriptionsSegment, StringComparison.OrdinalIgnoreCase);
        var end = at + SubscriptionsSegment.Length;
        (QueueOrTopicName, SubscriptionName) = at > 0 && end < entityPath.Length
            ? (entityPath[..at], entityPath[end..])
            : (entityPath, SubscriptionName);
    }
}
