using Azure.Core;
using Azure.Messaging.ServiceBus.Transport;

namespace Azure.Messaging.ServiceBus;

public class ServiceBusClient : IAsyncDisposable
{
    private readonly ServiceBusRetryPolicy _retryPolicy;
    private readonly string _entityPath;

    protected ServiceBusClient()
    {
    }

    public ServiceBusClient(string connectionString)
        : this(connectionString, new ServiceBusClientOptions())
    {
    }

    public ServiceBusClient(string connectionString, ServiceBusClientOptions options)
        : this(Parse(connectionString), options)
    {
    }

    public ServiceBusClient(string fullyQualifiedNamespace, TokenCredential credential)
        : this(fullyQualifiedNamespace, credential, new ServiceBusClientOptions())
    {
    }

    public ServiceBusClient(string fullyQualifiedNamespace, TokenCredential credential, ServiceBusClientOptions options)
        : this(ServiceEndpoint.FromNamespace(fullyQualifiedNamespace, ServiceEndpoint.TokensOf(credential)), null, options)
    {
    }

    private ServiceBusClient(ServiceBusConnectionStringProperties properties, ServiceBusClientOptions options)
        : this(ServiceEndpoint.FromConnectionString(properties), properties.EntityPath, options)
    {
    }

    private ServiceBusClient(ServiceEndpoint endpoint, string entityPath, ServiceBusClientOptions options)
    {
        options = options?.Clone() ?? new ServiceBusClientOptions();
        if (options.TransportType != ServiceBusTransportType.AmqpTcp)
        {
            throw new NotSupportedException("This build of the client speaks AMQP over TCP only.");
        }

        _retryPolicy = options.RetryOptions.ToRetryPolicy();
        _entityPath = entityPath;
        FullyQualifiedNamespace = endpoint.Host;
        TransportType = options.TransportType;
        Identifier = IdentifierOr(options.Identifier, endpoint.Host);
        Scope = new AmqpScope(endpoint, options, Identifier);
    }

    public virtual string FullyQualifiedNamespace { get; }

    public ServiceBusTransportType TransportType { get; }

    public virtual string Identifier { get; }

    public virtual bool IsClosed => Scope.IsDisposed;

    internal AmqpScope Scope { get; }

    public virtual ServiceBusSender CreateSender(string queueOrTopicName) => CreateSender(queueOrTopicName, new ServiceBusSenderOptions());

    public virtual ServiceBusSender CreateSender(string queueOrTopicName, ServiceBusSenderOptions options) => new(this, queueOrTopicName, options);

    public virtual ServiceBusReceiver CreateReceiver(string queueName) => CreateReceiver(queueName, new ServiceBusReceiverOptions());

    public virtual ServiceBusReceiver CreateReceiver(string queueName, ServiceBusReceiverOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(queueName);
        ThrowIfNotItsEntity(queueName, nameof(queueName));
        return new ServiceBusReceiver(this, queueName, options);
    }

    public virtual ServiceBusReceiver CreateReceiver(string topicName, string subscriptionName) =>
        CreateReceiver(topicName, subscriptionName, new ServiceBusReceiverOptions());

    public virtual ServiceBusReceiver CreateReceiver(string topicName, string subscriptionName, ServiceBusReceiverOptions options) =>
        new(this, OwnSubscription(topicName, subscriptionName), options);

    public virtual ServiceBusRuleManager CreateRuleManager(string topicName, string subscriptionName) =>
        new(this, OwnSubscription(topicName, subscriptionName));

    public virtual ServiceBusProcessor CreateProcessor(string topicName, string subscriptionName) =>
        CreateProcessor(topicName, subscriptionName, new ServiceBusProcessorOptions());

    public virtual ServiceBusProcessor CreateProcessor(string topicName, string subscriptionName, ServiceBusProcessorOptions options) =>
        new(this, OwnSubscription(topicName, subscriptionName), options);

    public virtual ServiceBusProcessor CreateProcessor(string queueName) => CreateProcessor(queueName, new ServiceBusProcessorOptions());

    public virtual ServiceBusProcessor CreateProcessor(string queueName, ServiceBusProcessorOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(queueName);
        ThrowIfNotItsEntity(queueName, nameof(queueName));
        return new ServiceBusProcessor(this, queueName, options);
    }

    public virtual Task<ServiceBusSessionReceiver> AcceptNextSessionAsync(
        string queueName, ServiceBusSessionReceiverOptions options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(queueName);
        ThrowIfNotItsEntity(queueName, nameof(queueName));
        return ServiceBusSessionReceiver.AcceptAsync(this, queueName, null, options, cancellationToken);
    }

    public virtual Task<ServiceBusSessionReceiver> AcceptSessionAsync(
        string queueName, string sessionId, ServiceBusSessionReceiverOptions options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(queueName);
        ArgumentNullException.ThrowIfNull(sessionId);
        ThrowIfNotItsEntity(queueName, nameof(queueName));
        return ServiceBusSessionReceiver.AcceptAsync(this, queueName, sessionId, options, cancellationToken);
    }

    public virtual Task<ServiceBusSessionReceiver> AcceptNextSessionAsync(
        string topicName, string subscriptionName, ServiceBusSessionReceiverOptions options = null, CancellationToken cancellationToken = default) =>
        ServiceBusSessionReceiver.AcceptAsync(this, OwnSubscription(topicName, subscriptionName), null, options, cancellationToken);

    public virtual Task<ServiceBusSessionReceiver> AcceptSessionAsync(
        string topicName,
        string subscriptionName,
        string sessionId,
        ServiceBusSessionReceiverOptions options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sessionId);
        return ServiceBusSessionReceiver.AcceptAsync(this, OwnSubscription(topicName, subscriptionName), sessionId, options, cancellationToken);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Scope.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    internal static string SubscriptionPath(string topicName, string subscriptionName) => $"{topicName}/Subscriptions/{subscriptionName}";

    internal static string IdentifierOr(string given, string name) => string.IsNullOrEmpty(given) ? $"{name}-{Guid.NewGuid()}" : given;

    internal Task<T> RunAsync<T>(Func<TimeSpan, CancellationToken, Task<T>> operation, string entityPath, CancellationToken cancellationToken) =>
        _retryPolicy.RunAsync(static (run, timeout, token) => run(timeout, token), operation, () => Scope.IsDisposed, entityPath, cancellationToken);

    internal void ThrowIfClosed() => ObjectDisposedException.ThrowIf(IsClosed, typeof(ServiceBusClient));

    /// <summary>A connection string with EntityPath is good for that entity only.</summary>
    internal void ThrowIfNotItsEntity(string entityName, string argumentName)
    {
        if (!string.IsNullOrEmpty(_entityPath) && !string.Equals(entityName, _entityPath, StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException(
                $"The connection string is for the entity '{_entityPath}' (EntityPath); '{entityName}' was asked for.", argumentName);
        }
    }

    private string OwnSubscription(string topicName, string subscriptionName)
    {
        ArgumentException.ThrowIfNullOrEmpty(topicName);
        ArgumentException.ThrowIfNullOrEmpty(subscriptionName);
        ThrowIfNotItsEntity(topicName, nameof(topicName));
        return SubscriptionPath(topicName, subscriptionName);
    }

    private static ServiceBusConnectionStringProperties Parse(string connectionString)
    {
        var properties = ServiceBusConnectionStringProperties.Parse(connectionString);
        properties.Validate(nameof(connectionString));
        return properties;
    }
}
