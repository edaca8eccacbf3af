using System.Net;
using KedaJobs.ServiceBus.Amqp;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Management;
using KedaJobs.ServiceBus.Runtime;
using KedaJobs.ServiceBus.Security;
using Microsoft.Extensions.Logging.Abstractions;

namespace KedaJobs.ServiceBus;

/// <summary>
/// A Service Bus namespace in this process, on the loopback addresses only: queues and topics over AMQP 1.0, and the management API over HTTP, both on one port,
/// because clients take both from one connection string.
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

    private readonly EntityCatalog _catalog;
    private readonly BrokerTelemetry _telemetry;
    private readonly AmqpServer _amqp;
    private readonly WebServer _web;
    private readonly ILogger _log;
    private int _stopped;

    private ServiceBusBroker(BrokerOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        _log = loggers.CreateLogger("KedaJobs.ServiceBus");
        _telemetry = new BrokerTelemetry();
        _catalog = new EntityCatalog(NoJournal.Instance, time);
        foreach (var queue in options.Queues)
        {
            _catalog.Create(queue, out _, out _);
        }

        foreach (var topic in options.Topics)
        {
            _catalog.Create(topic, out _, out _);
        }

        var tokens = new TokenValidator(options.Rules, name => _catalog.Find(name)?.Options.AuthorizationRules ?? []);
        var services = new BrokerServices(_catalog, tokens, new CommitGate(), time, _telemetry);
        _amqp = new AmqpServer(services, options.IdleTimeout, _log);
        _web = new WebServer(_amqp, new ManagementApi(services, _log), time, loggers);
        ConnectionString = "";
    }

    /// <summary>The port that the broker listens on: the real one where the options say 0.</summary>
    public int Port { get; private set; }

    /// <summary>
    /// What a client needs: <c>Endpoint=sb://localhost:PORT;SharedAccessKeyName=...;SharedAccessKey=...;UseDevelopmentEmulator=true;</c> with the first rule
    /// of the options.
    /// </summary>
    public string ConnectionString { get; private set; }

    /// <summary>Starts a broker. When this returns, it listens.</summary>
    /// <param name="options">Port, queues, topics, keys and data directory.</param>
    /// <param name="loggerFactory">Where the broker logs to; null for nowhere.</param>
    /// <param name="timeProvider">The clock for locks, expiry and schedules; null for the system's.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="ArgumentException">A queue's, topic's, subscription's or rule's values are not allowed; the message names each and what is allowed.</exception>
    /// <exception cref="BrokerStartException">The port is taken, or the data directory cannot be used; the message says what to do.</exception>
    public static async Task<ServiceBusBroker> StartAsync(
        BrokerOptions options,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        CheckOptions(options);
        var broker = new ServiceBusBroker(options, loggerFactory ?? NullLoggerFactory.Instance, timeProvider ?? TimeProvider.System);
        try
        {
            broker.Port = await broker._web.StartAsync(options.Port, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await broker.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        var rule = options.Rules[0];
        broker.ConnectionString =
            $"Endpoint=sb://localhost:{broker.Port};SharedAccessKeyName={rule.Name};SharedAccessKey={rule.Key};UseDevelopmentEmulator=true;";
        Log.Listening(broker._log, broker.Port, options.Queues.Count, options.Topics.Count);
        return broker;
    }

    /// <summary>Stops listening and tells connected clients so; they try to connect again. Does nothing the second time.</summary>
    /// <param name="cancellationToken">Ends the wait for clients to close their side.</param>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        _amqp.Close();
        await _web.StopAsync(cancellationToken).ConfigureAwait(false);
        _amqp.Dispose();
        _catalog.Dispose();
        _telemetry.Dispose();
        Log.Stopped(_log);
    }

    /// <summary>Stops the broker, as <see cref="StopAsync"/> does.</summary>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private static void CheckOptions(BrokerOptions options)
    {
        if (options.Port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
        {
            throw new ArgumentException($"Port: {options.Port} is out of range; use 0 (any free port) to {IPEndPoint.MaxPort}.", nameof(options));
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
}
