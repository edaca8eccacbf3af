using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using KedaJobs.ServiceBus;
using Microsoft.Extensions.Time.Testing;

namespace KedaJobs.Tests.Contract;

/// <summary>
/// Behaviour that every Service Bus shows to the official .NET client. By default each test has an embedded broker of its own, whose clock
/// it moves; with a connection string in <see cref="Variable"/> (the official emulator or a namespace, with Manage
/// rights) the same tests run there and wait.
/// </summary>
public abstract class ServiceBusContract : IAsyncLifetime
{
    public const string Variable = "KEDAJOBS_TEST_SERVICEBUS";

    private readonly List<string> _queues = [];
    private readonly List<string> _topics = [];
    private readonly List<IAsyncDisposable> _disposables = [];
    private FakeTimeProvider? _time;
    private ServiceBusBroker? _broker;
    private ServiceBusClient? _client;
    private ServiceBusAdministrationClient? _admin;

    public static string? ExternalConnectionString { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } value
        ? value
        : null;

    /// <summary>Long enough for a message to arrive on a busy machine; a passing test does not wait for it.</summary>
    protected static TimeSpan Soon { get; } = TimeSpan.FromSeconds(20);

    /// <summary>How long nothing must arrive before a test believes that nothing comes.</summary>
    protected static TimeSpan Quiet { get; } = ExternalConnectionString is null ? TimeSpan.FromMilliseconds(150) : TimeSpan.FromSeconds(3);

    protected string ConnectionString => ExternalConnectionString ?? Broker.ConnectionString;

    protected ServiceBusClient Client => _client!;

    protected ServiceBusAdministrationClient Admin => _admin!;

    /// <summary>The embedded broker, for tests that need to configure or end it.</summary>
    protected ServiceBusBroker Broker =>
        _broker ?? throw new InvalidOperationException("This test needs the embedded broker: mark it with EmbeddedFact.");

    /// <summary>Rules beside the default one, for tests of rights.</summary>
    protected virtual IReadOnlyList<SharedAccessRule> MoreRules => [];

    public async Task InitializeAsync()
    {
        if (ExternalConnectionString is null)
        {
            _time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
            _broker = await ServiceBusBroker.StartAsync(
                new BrokerOptions { Rules = [SharedAccessRule.Default, .. MoreRules] }, timeProvider: _time);
        }

        _client = NewClient();
        _admin = new ServiceBusAdministrationClient(ConnectionString);
    }

    public async Task DisposeAsync()
    {
        foreach (var disposable in Enumerable.Reverse(_disposables))
        {
            await disposable.DisposeAsync();
        }

        await Client.DisposeAsync();
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
            return;
        }

        foreach (var queue in _queues)
        {
            if (await Admin.QueueExistsAsync(queue))
            {
                await Admin.DeleteQueueAsync(queue);
            }
        }

        foreach (var topic in _topics)
        {
            if (await Admin.TopicExistsAsync(topic))
            {
                await Admin.DeleteTopicAsync(topic);
            }
        }
    }

    /// <summary>The broker's time, or as near to it as one can tell.</summary>
    protected DateTimeOffset Now => (_time ?? TimeProvider.System).GetUtcNow();

    /// <summary>Lets the broker's clock pass; elsewhere the only way is to wait.</summary>
    protected Task PassAsync(TimeSpan time)
    {
        if (_time is null)
        {
            return Task.Delay(time + TimeSpan.FromSeconds(1), TimeProvider.System, CancellationToken.None);
        }

        _time.Advance(time);
        return Task.CompletedTask;
    }

    protected async Task<string> CreateQueueAsync(Action<CreateQueueOptions>? configure = null)
    {
        var options = new CreateQueueOptions($"contract-{Guid.NewGuid():N}");
        configure?.Invoke(options);
        await Admin.CreateQueueAsync(options);
        _queues.Add(options.Name);
        return options.Name;
    }

    protected async Task<string> CreateTopicAsync(Action<CreateTopicOptions>? configure = null)
    {
        var options = new CreateTopicOptions($"contract-{Guid.NewGuid():N}");
        configure?.Invoke(options);
        await Admin.CreateTopicAsync(options);
        _topics.Add(options.Name);
        return options.Name;
    }

    protected async Task SubscribeAsync(
        string topic, string name, Action<CreateSubscriptionOptions>? configure = null, CreateRuleOptions? rule = null)
    {
        var options = new CreateSubscriptionOptions(topic, name);
        configure?.Invoke(options);
        await Admin.CreateSubscriptionAsync(options, rule ?? new CreateRuleOptions());
    }

    protected ServiceBusClient NewClient(string? connectionString = null, int maxRetries = 0, TimeSpan? tryTimeout = null) =>
        Owned(new ServiceBusClient(
            connectionString ?? ConnectionString,
            new ServiceBusClientOptions
            {
                RetryOptions = new ServiceBusRetryOptions { MaxRetries = maxRetries, TryTimeout = tryTimeout ?? Soon },
            }));

    protected ServiceBusSender Sender(string queue) => Owned(Client.CreateSender(queue));

    protected ServiceBusReceiver Receiver(string queue, ServiceBusReceiverOptions? options = null) =>
        Owned(Client.CreateReceiver(queue, options ?? new ServiceBusReceiverOptions()));

    protected ServiceBusReceiver Receiver(string topic, string subscription) => Owned(Client.CreateReceiver(topic, subscription));

    protected ServiceBusReceiver DeadLetterReceiver(string queue) =>
        Receiver(queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });

    protected async Task SendAsync(string queue, params string[] bodies)
    {
        await using var sender = Client.CreateSender(queue);
        foreach (var body in bodies)
        {
            await sender.SendMessageAsync(new ServiceBusMessage(body));
        }
    }

    protected static async Task<ServiceBusReceivedMessage> ReceiveAsync(ServiceBusReceiver receiver)
    {
        var message = await receiver.ReceiveMessageAsync(Soon);
        Assert.NotNull(message);
        return message;
    }

    /// <summary>Exactly this many messages, however they are grouped on arrival.</summary>
    protected static async Task<List<ServiceBusReceivedMessage>> ReceiveAsync(ServiceBusReceiver receiver, int count)
    {
        var messages = new List<ServiceBusReceivedMessage>();
        while (messages.Count < count)
        {
            var more = await receiver.ReceiveMessagesAsync(count - messages.Count, Soon);
            Assert.NotEmpty(more);
            messages.AddRange(more);
        }

        return messages;
    }

    protected static async Task AssertNothingArrivesAsync(ServiceBusReceiver receiver) =>
        Assert.Null(await receiver.ReceiveMessageAsync(Quiet));

    protected async Task<QueueRuntimeProperties> CountsAsync(string queue) => (await Admin.GetQueueRuntimePropertiesAsync(queue)).Value;

    protected async Task<SubscriptionRuntimeProperties> CountsAsync(string topic, string subscription) =>
        (await Admin.GetSubscriptionRuntimePropertiesAsync(topic, subscription)).Value;

    /// <summary>
    /// Receives twice if need be: the client answers a receive that waits while its link is ended
    /// with nothing, and says why at the next one.
    /// </summary>
    protected static async Task ReceiveFromDeletedAsync(ServiceBusReceiver receiver)
    {
        if (await receiver.ReceiveMessageAsync(Soon) is null)
        {
            await receiver.ReceiveMessageAsync(Soon);
        }
    }

    /// <summary>
    /// The entity is gone. A settlement that is on its way while the client's link ends is, to the client, one of
    /// a lock that is lost: the next one tells.
    /// </summary>
    protected static async Task AssertGoneAsync(Func<Task> operation)
    {
        var error = await Assert.ThrowsAsync<ServiceBusException>(operation);
        if (error.Reason == ServiceBusFailureReason.MessageLockLost)
        {
            error = await Assert.ThrowsAsync<ServiceBusException>(operation);
        }

        Assert.True(error.Reason == ServiceBusFailureReason.MessagingEntityNotFound, error.ToString());
    }

    protected static async Task<ServiceBusException> AssertFailsAsync(ServiceBusFailureReason reason, Func<Task> operation)
    {
        var error = await Assert.ThrowsAsync<ServiceBusException>(operation);
        Assert.True(reason == error.Reason, $"Not {reason}: {error}");
        return error;
    }

    protected T Owned<T>(T disposable)
        where T : IAsyncDisposable
    {
        _disposables.Add(disposable);
        return disposable;
    }
}

/// <summary>A test that configures or ends the broker, which only the embedded one lets it do.</summary>
public sealed class EmbeddedFactAttribute : FactAttribute
{
    public EmbeddedFactAttribute()
    {
        if (ServiceBusContract.ExternalConnectionString is not null)
        {
            Skip = $"needs the embedded broker, but {ServiceBusContract.Variable} names another";
        }
    }
}
