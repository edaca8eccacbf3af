using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
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
    public static async Task<int> RunAsync(string[] args, Action<HostApplicationBuilder> configure)
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
            await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return ConfigurationError;
        }

        return await host.RunQueueJobAsync().ConfigureAwait(false);
    }

    /// <summary>Creates an application builder for a process that lives for seconds: it does not watch its settings files for changes.</summary>
    /// <param name="args">The command line.</param>
    /// <returns>A builder with the defaults of <see cref="Host.CreateApplicationBuilder(string[])"/>.</returns>
    public static HostApplicationBuilder CreateBuilder(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        var settings = new HostApplicationBuilderSettings { Args = args, Configuration = new ConfigurationManager() };
        settings.Configuration.AddInMemoryCollection([new("hostBuilder:reloadConfigOnChange", "false")]);
        return Host.CreateApplicationBuilder(settings);
    }
}
