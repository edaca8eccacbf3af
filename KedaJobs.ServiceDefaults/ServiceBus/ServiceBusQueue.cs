using Aspire.Azure.Messaging.ServiceBus;
using Azure.Identity;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace KedaJobs.ServiceDefaults;

/// <summary>
/// A queue as a connection string names it. Resolve it with the connection's name as the key:
/// <c>services.GetRequiredKeyedService&lt;ServiceBusQueue&gt;("jobs")</c>.
/// </summary>
public sealed class ServiceBusQueue
{
    private readonly AzureMessagingServiceBusSettings _settings;

    internal ServiceBusQueue(string name, ServiceBusClient client, AzureMessagingServiceBusSettings settings)
    {
        Name = name;
        Client = client;
        _settings = settings;
    }

    /// <summary>The queue's name in its namespace: the connection string's EntityPath.</summary>
    public string Name { get; }

    /// <summary>A client of the queue's namespace, shared by all connections to it. Its owner is the service container.</summary>
    public ServiceBusClient Client { get; }

    /// <summary>
    /// A client of the namespace's management API. In Azure every call needs the role Azure Service Bus Data
    /// Owner: the API asks for the Manage claim.
    /// </summary>
    /// <param name="options">Retries and timeouts.</param>
    /// <returns>A new client; it holds no connection and needs no disposal.</returns>
    public ServiceBusAdministrationClient CreateAdministrationClient(ServiceBusAdministrationClientOptions options) =>
        string.IsNullOrEmpty(_settings.ConnectionString)
            ? new ServiceBusAdministrationClient(
                _settings.FullyQualifiedNamespace, _settings.Credential ?? new DefaultAzureCredential(), options)
            : new ServiceBusAdministrationClient(_settings.ConnectionString, options);
}
