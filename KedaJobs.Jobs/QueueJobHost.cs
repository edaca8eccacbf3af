using KedaJobs.Jobs.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KedaJobs.Jobs;

/// <summary>A program that is one replica of one execution: it starts, drains its queues and exits.</summary>
public static class QueueJobHost
{
    internal const int ConfigurationError = 2;

    /// <summary>Builds a host, runs its queue jobs and ends.</summary>
    /// <remarks>
    /// <example>
    /// <code>
    /// return await QueueJobHost.RunAsync(args, builder => builder.AddQueueJob("jobs")
    ///     .AddTaskHandler("resize", AppJson.Default.Resize, AppJson.Default.Resized, services => new ResizeHandler()));
    /// </code>
    /// </example>
    /// </remarks>
    /// <param name="args">The command line: configuration such as <c>--QueueJob:Concurrency=8</c>.</param>
    /// <param name="configure">Adds the queue jobs with their handlers, and the services that these need.</param>
    /// <returns>The exit code of the process; see <see cref="QueueJobExtensions.RunQueueJobAsync"/>.</returns>
    public static Task<int> RunAsync(string[] args, Action<HostApplicationBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(configure);
        IHost host;
        try
        {
            var builder = CreateBuilder(args);
            configure(builder);
            host = builder.Build();
        }
        catch (Exception e) when (e is QueueJobConfigurationException or OptionsValidationException or InvalidOperationException)
        {
            Console.Error.WriteLine(e.Message);
            return Task.FromResult(ConfigurationError);
        }

        return host.RunQueueJobAsync();
    }

    /// <summary>
    /// Creates an application builder for a process that lives for seconds. It has what such a process needs of the
    /// defaults, and starts in a fraction of their time.
    /// </summary>
    /// <remarks>
    /// Configuration: <c>appsettings.json</c> and <c>appsettings.ENVIRONMENT.json</c> beside the program, environment variables, the
    /// command line; files are not watched for changes. Logs: a line for each entry on the standard output, with the levels of
    /// <c>Logging:LogLevel</c>; unless they say otherwise, Information, and Warning for the categories <c>Azure</c> and <c>Microsoft</c>.
    /// Everything else is added as in any other host. A worker that wants all the defaults calls
    /// <see cref="Host.CreateApplicationBuilder(string[])"/> instead, and <see cref="QueueJobExtensions.RunQueueJobAsync"/> on the host.
    /// </remarks>
    /// <param name="args">The command line.</param>
    /// <returns>The builder.</returns>
    public static HostApplicationBuilder CreateBuilder(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        var environment = Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? Environments.Production;
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings
        {
            DisableDefaults = true,
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = environment,
        });
        var configuration = builder.Configuration;
        foreach (var file in (string[])["appsettings.json", $"appsettings.{environment}.json"])
        {
            var path = Path.Combine(AppContext.BaseDirectory, file);
            if (File.Exists(path))
            {
                configuration.AddJsonStream(new MemoryStream(File.ReadAllBytes(path)));
            }
        }

        configuration.AddEnvironmentVariables();
        if (args.Length > 0)
        {
            configuration.AddCommandLine(args);
        }

        // The Information entries of the Azure SDK and the host would bury those of the job.
        builder.Logging.AddProvider(new LineLoggerProvider(Console.OpenStandardOutput()))
            .AddFilter("Azure", LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning);
        foreach (var level in configuration.GetSection("Logging:LogLevel").GetChildren())
        {
            builder.Logging.AddFilter(level.Key == "Default" ? null : level.Key, LevelOf(level));
        }

        return builder;
    }

    private static LogLevel LevelOf(IConfigurationSection setting) => setting.Value?.ToUpperInvariant() switch
    {
        "TRACE" => LogLevel.Trace,
        "DEBUG" => LogLevel.Debug,
        "INFORMATION" => LogLevel.Information,
        "WARNING" => LogLevel.Warning,
        "ERROR" => LogLevel.Error,
        "CRITICAL" => LogLevel.Critical,
        "NONE" => LogLevel.None,
        _ => throw new QueueJobConfigurationException(
            $"{setting.Path} is '{setting.Value}', but must be Trace, Debug, Information, Warning, Error, Critical or None."),
    };
}
