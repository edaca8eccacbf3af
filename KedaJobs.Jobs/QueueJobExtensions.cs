using System.Diagnostics.Metrics;
using KedaJobs.Jobs.Hosting;
using KedaJobs.Jobs.Receiving;
using KedaJobs.Jobs.Settling;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Jobs;

/// <summary>Makes a host an execution of a queue-driven job.</summary>
public static class QueueJobExtensions
{
    /// <summary>
    /// Handles the messages of a queue until it is empty or a budget is used up; then the host stops. Call it once for each queue that the
    /// job takes messages from: the host stops when the last of them has ended. End the program with <see cref="RunQueueJobAsync"/>.
    /// </summary>
    /// <remarks>
    /// The connection string <c>ConnectionStrings:NAME</c> names the namespace and, in its <c>EntityPath</c>, the queue or subscription, as
    /// Aspire's <c>WithReference(queue)</c> sets it. If it has no key, the client signs in with <c>DefaultAzureCredential</c>.
    /// <example>
    /// <code>
    /// builder.AddQueueJob("jobs")
    ///     .AddTaskHandler("resize", AppJson.Default.Resize, AppJson.Default.Resized, services => new ResizeHandler());
    /// </code>
    /// </example>
    /// </remarks>
    /// <param name="builder">The application that is being built.</param>
    /// <param name="connectionName">The name of the connection string.</param>
    /// <param name="configure">Changes the options that the configuration section <c>QueueJob</c> holds.</param>
    /// <returns>A builder that takes the handlers.</returns>
    /// <exception cref="QueueJobConfigurationException">
    /// The connection string is missing or names no queue, or an option is invalid.
    /// </exception>
    public static QueueJobBuilder AddQueueJob(
        this IHostApplicationBuilder builder, string connectionName, Action<QueueJobOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        // The Azure SDK reads the switch once, when its first client is made: then a message carries the trace of its sender.
        AppContext.SetSwitch("Azure.Experimental.EnableActivitySource", true);
        var options = ReadOptions(builder.Configuration, configure);
        var connection = QueueConnection.Read(builder.Configuration, connectionName);
        var entity = connection.Entity ?? throw new QueueJobConfigurationException(
            $"The connection string '{connectionName}' names no queue. Let the AppHost reference the queue instead of its namespace, "
            + "or add ';EntityPath=QUEUE' to it.");
        var results = options.ResultsConnection is { } name ? QueueConnection.Read(builder.Configuration, name) : connection;

        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<JobRun>();
        services.TryAddSingleton(
            provider => new JobTelemetry(provider.GetService<IMeterFactory>(), provider.GetRequiredService<ExecutionIdentity>()));
        var clients = ClientsOf(builder);
        services.TryAddSingleton(ExecutionIdentity.From(builder.Configuration, builder.Environment));
        services.AddOptions<HostOptions>().Configure<ServiceBusClients>((host, _) =>
        {
            // The container disposes only what it was asked for. A host asks for its options when it is built, and by this for the
            // clients, so that their early connections are closed even if the host is never started.
            var needed = options.ShutdownGrace + TimeSpan.FromSeconds(5);
            host.ShutdownTimeout = host.ShutdownTimeout > needed && host.ShutdownTimeout != DefaultShutdownTimeout
                ? host.ShutdownTimeout
                : needed;
        });
        var replies = clients.Open(
            results, options.ResultsConnection ?? connectionName, options, options.ResultsConnection is null ? null : results.Entity);
        var job = new QueueJobBuilder(services);
        services.AddSingleton<IHostedService>(provider =>
        {
            var queue = new JobQueue(clients.Get(connection, connectionName, options), entity, connection.Subscription);
            return CreateWorker(provider, queue, replies, options, job, connectionName);
        });
        return job;
    }

    /// <summary>Runs the host until its queue jobs have ended, or until it is told to stop.</summary>
    /// <param name="host">The host.</param>
    /// <returns>
    /// The exit code of the process: 0 if the execution ended as it should, also after SIGTERM; 1 if it failed, for instance because the
    /// queue could not be read; 2 if its configuration is invalid.
    /// </returns>
    public static async Task<int> RunQueueJobAsync(this IHost host)
    {
        ArgumentNullException.ThrowIfNull(host);

        // Running the host to its end also disposes it.
        var run = host.Services.GetService<JobRun>();
        try
        {
            await host.RunAsync().ConfigureAwait(false);
        }
        catch (QueueJobConfigurationException e)
        {
            await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return QueueJobHost.ConfigurationError;
        }

        return run?.ExitCode ?? 0;
    }

    /// <summary>The host's own default, as opposed to a chosen value.</summary>
    private static readonly TimeSpan DefaultShutdownTimeout = new HostOptions().ShutdownTimeout;

    internal static QueueJobOptions ReadOptions(IConfiguration configuration, Action<QueueJobOptions>? configure)
    {
        var options = new QueueJobOptions();
        try
        {
            configuration.GetSection(QueueJobOptions.Section).Bind(options);
        }
        catch (InvalidOperationException e)
        {
            throw new QueueJobConfigurationException(e.Message, e);
        }

        configure?.Invoke(options);
        var errors = QueueJobOptionsValidator.Validate(options);
        return errors.Count == 0 ? options : throw new QueueJobConfigurationException(string.Join(Environment.NewLine, errors));
    }

    /// <summary>The clients of the application, which the service container disposes.</summary>
    private static ServiceBusClients ClientsOf(IHostApplicationBuilder builder)
    {
        if (builder.Properties.TryGetValue(typeof(ServiceBusClients), out var known))
        {
            return (ServiceBusClients)known;
        }

        var clients = new ServiceBusClients();
        builder.Properties[typeof(ServiceBusClients)] = clients;
        builder.Services.AddSingleton(_ => clients);
        return clients;
    }

    private static QueueJobWorker CreateWorker(
        IServiceProvider services, JobQueue queue, EarlyConnection results, QueueJobOptions options, QueueJobBuilder job,
        string connectionName)
    {
        var handlers = job.Build(services);
        handlers.RequireAny(connectionName);
        var identity = services.GetRequiredService<ExecutionIdentity>();
        var telemetry = services.GetRequiredService<JobTelemetry>();
        var time = services.GetRequiredService<TimeProvider>();
        var logger = services.GetRequiredService<ILogger<QueueJobWorker>>();
        _ = results.ReportAsync(logger);
        var sender = new ResultSender(results.Client, results.Sender, identity, time);
        var retries = new DelayedRetries(queue, options, time, logger);
        var processor = new JobProcessor(handlers, sender, retries, telemetry, identity, options, time, logger);
        return new QueueJobWorker(
            queue, processor, sender, retries, services.GetRequiredService<JobRun>(), telemetry, identity, options,
            services.GetRequiredService<IHostApplicationLifetime>(), time, logger);
    }
}
