using KedaJobs.ServiceDefaults;
using KedaJobs.Worker.Handlers;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace KedaJobs.Worker;

/// <summary>A process that is one replica of one execution.</summary>
public static class JobHost
{
    private const int ConfigurationError = 2;

    /// <summary>Builds the host, drains the queue, ends.</summary>
    /// <param name="args">The command line: configuration such as --Worker:Concurrency=8.</param>
    /// <param name="configure">Adds the handlers, and what they need.</param>
    /// <returns>The process's exit code: 0 when the execution ended as it should, 1 when it failed, 2 when its configuration is wrong.</returns>
    public static async Task<int> RunAsync(string[] args, Action<IHostApplicationBuilder> configure)
    {
        // A process of seconds need not watch its settings for changes.
        var settings = new HostApplicationBuilderSettings { Args = args, Configuration = new ConfigurationManager() };
        settings.Configuration.AddInMemoryCollection([new("hostBuilder:reloadConfigOnChange", "false")]);
        var builder = Host.CreateApplicationBuilder(settings);
        IHost host;
        try
        {
            // Nothing probes an execution, and most handlers call nobody over HTTP: one that does adds AddHttpClientDefaults. It all costs start-up time.
            builder.AddTelemetry();
            AddJobWorker(builder);
            configure(builder);
            host = builder.Build();
        }
        catch (Exception e) when (e is OptionsValidationException or InvalidOperationException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ConfigurationError;
        }

        // Running the host to its end also disposes it.
        var run = host.Services.GetRequiredService<JobRun>();
        await host.RunAsync();
        return run.ExitCode;
    }

    private static void AddJobWorker(HostApplicationBuilder builder)
    {
        builder.AddServiceBusQueue(ConnectionNames.Jobs);
        builder.AddServiceBusQueue(ConnectionNames.Results);

        var services = builder.Services;
        services.AddSingleton<IValidateOptions<WorkerOptions>, WorkerOptionsValidator>();
        services.AddOptions<WorkerOptions>().BindConfiguration(WorkerOptions.Section).ValidateOnStart();

        // Reading the worker's settings here, while the host is built, also is what refuses bad ones before anything starts.
        services.AddOptions<HostOptions>().Configure<IOptions<WorkerOptions>>((host, worker) =>
            host.ShutdownTimeout = worker.Value.ShutdownGrace + TimeSpan.FromSeconds(5));

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(ExecutionIdentity.From(builder.Configuration, builder.Environment));
        services.AddSingleton(provider => new JobHandlers(provider.GetServices<JobHandlers.Handler>()));
        services.AddSingleton<JobRun>();
        services.AddSingleton<WorkerTelemetry>();
        services.AddSingleton<ResultSender>();
        services.AddSingleton<JobProcessor>();
        services.AddHostedService<JobWorker>();
    }
}
