using System.Net;
using KedaJobs.ServiceBus.Amqp;
using KedaJobs.ServiceBus.Durability;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Management;
using KedaJobs.ServiceBus.Runtime;
using KedaJobs.ServiceBus.Security;
using Microsoft.Extensions.Logging.Abstractions;

namespace KedaJobs.ServiceBus;

/// <summary>
/// A Service Bus namespace in this process, on the loopback addresses unless asked otherwise: queues and topics over AMQP 1.0 (plain, over
/// TLS, over WebSockets), and the management API over HTTP, all on one port, because clients take both from one connection string.
/// </summary>
/// <example>
/// <code>
/// await using var broker = await ServiceBusBroker.StartAsync(new BrokerOptions { Queues = [new QueueOptions { Name = "jobs" }] });
/// await using var client = new ServiceBusClient(broker.ConnectionString);
/// </code>
/// </example>
public sealed class ServiceBusBroker : IAsyncDisposable
{
    /// <summary>The name of the broker's meter, for metrics collection.</summary>
    public const string MeterName = "KedaJobs.ServiceBus";

    /// <summary>
    /// The name of the broker's activity source, for trace collection. The names of its spans begin with one of the operations below.
    /// </summary>
    public const string ActivitySourceName = "KedaJobs.ServiceBus";

    /// <summary>The operation of a span for each message that was accepted, in the trace of its sender: <c>send QUEUE</c>.</summary>
    public const string SendSpan = "send";

    /// <summary>
    /// The operation of a span for each message that was given to a receiver, in the trace of its sender: <c>receive QUEUE</c>.
    /// </summary>
    public const string ReceiveSpan = "receive";

    /// <summary>The operation of a span for each settlement, with its kind and whether it failed: <c>settle QUEUE</c>.</summary>
    public const string SettleSpan = "settle";

    /// <summary>
    /// The operation of a span for each message that was dead-lettered, with the reason, in the trace
    /// of its sender: <c>dead_letter QUEUE</c>.
    /// </summary>
    public const string DeadLetterSpan = "dead_letter";

    /// <summary>The name of a span for each transaction, from its declaration to its end, with how it ended.</summary>
    public const string TransactionSpan = "transaction";

    private readonly BrokerOptions _options;
    private readonly MessageLog? _messages;
    private readonly EntityCatalog _catalog;
    private readonly BrokerTelemetry _telemetry;
    private readonly AmqpServer _amqp;
    private readonly WebServer _web;
    private readonly ILogger _log;
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _stopped;

    private ServiceBusBroker(BrokerOptions options, MessageLog? messages, ILogger log, ILoggerFactory loggers, TimeProvider time)
    {
        (_options, _messages, _log) = (options, messages, log);
        _telemetry = new BrokerTelemetry();
        _catalog = messages is null
            ? new EntityCatalog(() => NoJournal.Instance, time)
            : new EntityCatalog(messages.NewJournal, time, messages.NewTransaction) { CreatedAt = messages.NamespaceCreatedAt };
        _catalog.DeadLettered = _telemetry.DeadLettered;
        _catalog.Observer = options.Observer;
        var tokens = new TokenValidator(options.Rules, name => _catalog.Find(name)?.Options.AuthorizationRules ?? []);
        var services = new BrokerServices(_catalog, tokens, messages?.Gate ?? new CommitGate(), time, _telemetry);
        _amqp = new AmqpServer(services, options.IdleTimeout, _log);
        _web = new WebServer(_amqp, new ManagementApi(services, _log), options, time, loggers, _log);
        ConnectionString = "";
    }

    /// <summary>The port that the broker listens on: the actual port if the options say 0.</summary>
    public int Port { get; private set; }

    /// <summary>The second port for the management API, or null if the options ask for none.</summary>
    public int? ManagementPort => _web.ManagementPort;

    /// <summary>
    /// What a client needs: <c>Endpoint=sb://localhost:PORT;SharedAccessKeyName=...;SharedAccessKey=...;UseDevelopmentEmulator=true;</c>
    /// with the first rule of the options.
    /// </summary>
    public string ConnectionString { get; private set; }

    /// <summary>Ends when the broker has stopped because its data directory failed; never for one without.</summary>
    internal Task Failure => _failed.Task;

    /// <summary>Starts a broker. When this returns, it listens.</summary>
    /// <param name="options">Port, queues, topics, keys and data directory.</param>
    /// <param name="loggerFactory">Creates the broker's loggers; null for no logging.</param>
    /// <param name="timeProvider">The clock for locks, expiry and schedules; null for the system clock.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="ArgumentException">
    /// A queue's, topic's, subscription's or rule's values are not allowed; the message names each and what is allowed.
    /// </exception>
    /// <exception cref="BrokerStartException">
    /// The port is taken, the data directory cannot be used, or something forwards to a queue or topic that is neither declared nor in the
    /// data directory; the message says what to do.
    /// </exception>
    public static Task<ServiceBusBroker> StartAsync(
        BrokerOptions options,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null,
        CancellationToken cancellationToken = default) =>
        StartAsync(options, SegmentDirectory.Open, loggerFactory, timeProvider, cancellationToken);

    /// <inheritdoc cref="StartAsync(BrokerOptions, ILoggerFactory?, TimeProvider?, CancellationToken)"/>
    internal static async Task<ServiceBusBroker> StartAsync(
        BrokerOptions options,
        Func<string, ISegmentStore> openStore,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        CheckOptions(options);
        var (loggers, time) = (loggerFactory ?? NullLoggerFactory.Instance, timeProvider ?? TimeProvider.System);
        var log = loggers.CreateLogger("KedaJobs.ServiceBus");
        var messages = options.DataDirectory is { } directory
            ? await Task.Run(() => MessageLog.Open(directory, openStore, AmqpContent.Restore, time, log), cancellationToken)
                .ConfigureAwait(false)
            : null;
        var broker = new ServiceBusBroker(options, messages, log, loggers, time);
        try
        {
            await broker.DeclareEntitiesAsync().ConfigureAwait(false);
            broker.Port = await broker._web.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await broker.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        var rule = options.Rules[0];
        broker.ConnectionString =
            $"Endpoint=sb://localhost:{broker.Port};"
            + $"SharedAccessKeyName={rule.Name};SharedAccessKey={rule.Key};UseDevelopmentEmulator=true;";
        Log.Listening(log, broker.Port, broker._catalog.Queues.Count, broker._catalog.Topics.Count);
        return broker;
    }

    /// <summary>
    /// Stops listening and closes the connections; clients then try to reconnect. Does nothing if the broker has already stopped.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait for clients to close their side, which takes 5 seconds at most.</param>
    public Task StopAsync(CancellationToken cancellationToken = default) => StopAsync("The broker is stopping.", cancellationToken);

    /// <summary>Stops the broker, as <see cref="StopAsync(CancellationToken)"/> does.</summary>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private async Task StopAsync(string reason, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        _amqp.Close(reason);
        await _web.StopAsync(cancellationToken).ConfigureAwait(false);
        _amqp.Dispose();
        _catalog.Dispose();
        if (_messages is not null)
        {
            await _messages.DisposeAsync().ConfigureAwait(false);
        }

        _telemetry.Dispose();
        Log.Stopped(_log);
    }

    private static void CheckOptions(BrokerOptions options)
    {
        if (options.Port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
        {
            throw new ArgumentException(
                $"Port: {options.Port} is out of range; use 0 (any free port) to {IPEndPoint.MaxPort}.", nameof(options));
        }

        if (options.ManagementPort is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
        {
            throw new ArgumentException(
                $"ManagementPort: {options.ManagementPort} is out of range; use 0 (any free port) to {IPEndPoint.MaxPort}, or none.",
                nameof(options));
        }

        if (options.Certificate is { HasPrivateKey: false })
        {
            throw new ArgumentException(
                "Certificate: it has no private key; load it together with its key (see BrokerCertificate).", nameof(options));
        }

        if (options.AcceptRemoteConnections && HasWellKnownKey(options))
        {
            throw new ArgumentException(
                $"AcceptRemoteConnections: the key '{SharedAccessRule.DefaultKey}' is well known; "
                    + "give every rule a key of your own, make the rule LoopbackOnly, or do not accept remote connections.",
                nameof(options));
        }

        if (options.Rules.Count == 0)
        {
            throw new ArgumentException("Rules: at least one shared access rule is needed.", nameof(options));
        }

        var problems = options.Queues
            .SelectMany(queue => QueueOptionsValidator.Validate(queue).Select(problem => $"Queue '{queue.Name}': {problem}"))
            .Concat(options.Topics.SelectMany(
                topic => TopicOptionsValidator.Validate(topic).Select(problem => $"Topic '{topic.Name}': {problem}")))
            .Concat(TopicOptionsValidator.Repeated(
                "Queue or topic", options.Queues.Select(queue => queue.Name).Concat(options.Topics.Select(topic => topic.Name))))
            .ToList();
        if (problems.Count > 0)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
        }
    }

    private static bool HasWellKnownKey(BrokerOptions options) => options.Rules
        .Concat(options.Queues.SelectMany(queue => queue.AuthorizationRules))
        .Concat(options.Topics.SelectMany(topic => topic.AuthorizationRules))
        .Where(rule => !rule.LoopbackOnly)
        .Any(rule => rule.Key == SharedAccessRule.DefaultKey || rule.SecondaryKey == SharedAccessRule.DefaultKey);

    private async Task DeclareEntitiesAsync()
    {
        if (_messages is not null)
        {
            _catalog.Restore(_messages.TakeQueues(), _messages.LastQueueId);
        }

        if (_catalog.FindMissingTargets(_options.Queues, _options.Topics) is { Count: > 0 } missing)
        {
            throw new BrokerStartException(missing);
        }

        var problems = _catalog.Declare(_options.Queues, _options.Topics);
        if (problems.Count > 0)
        {
            throw new BrokerStartException(string.Join(Environment.NewLine, problems)
                + $"{Environment.NewLine}Declare what the data directory '{_options.DataDirectory}' has, "
                + "delete it in a broker that runs on it without the "
                + "declaration, or choose another data directory.");
        }

        if (_messages is not null)
        {
            // Which numbers may be given out is noted with each queue, and must be on disk before one is.
            await CommitStartAsync(_messages).ConfigureAwait(false);
            _messages.StartCleaning(_catalog);
            _ = StopOnFailureAsync(_messages.Failure);
        }
    }

    private async Task CommitStartAsync(MessageLog messages)
    {
        try
        {
            await messages.Gate.WaitAsync().ConfigureAwait(false);
        }
        catch (CommitFailedException)
        {
            var failure = await messages.Failure.ConfigureAwait(false);
            throw new BrokerStartException(
                $"The data directory '{_options.DataDirectory}' cannot be written: {failure.Message} Free some space or repair the disk, "
                    + "or choose another one.", failure);
        }
    }

    private async Task StopOnFailureAsync(Task<Exception> failing)
    {
        var failure = await failing.ConfigureAwait(false);
        Log.DataDirectoryFailed(_log, failure, _options.DataDirectory!);
        try
        {
            await StopAsync(CommitFailedException.Text, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _failed.SetResult();
        }
    }
}
