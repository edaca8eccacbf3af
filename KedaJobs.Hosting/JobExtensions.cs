using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting;

namespace Aspire.Hosting;

/// <summary>Declares projects, executables and containers as jobs that a schedule or a person starts.</summary>
[AspireExportIgnore(Reason = PolyglotAppHosts.NotSupported)]
public static class JobExtensions
{
    /// <summary>
    /// Makes the resource a job whose executions a schedule starts: here when the AppHost runs, in Azure Container Apps once it is
    /// published. The dashboard shows the next time, and starts an execution on demand.
    /// </summary>
    /// <remarks>
    /// As in Container Apps, a schedule starts an execution whether or not the last one still runs. A time that passes while
    /// the AppHost does not run is not made up for. Single values of the options can be overridden by the AppHost's
    /// configuration, section <c>KedaJobs:Jobs:NAME</c>.
    /// <example>
    /// <code>
    /// builder.AddProject&lt;Projects.Cleanup&gt;("cleanup").AsScheduledJob("0 3 * * *");
    /// </code>
    /// </example>
    /// </remarks>
    /// <typeparam name="T">The worker's resource type.</typeparam>
    /// <param name="builder">The worker.</param>
    /// <param name="cron">
    /// Five fields, in UTC: minute, hour, day of month, month, day of week (0 to 6 from Sunday). What Container Apps does not take is
    /// refused when the model is complete (KJ024).
    /// </param>
    /// <param name="configure">Sets what the defaults do not fit.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="cron"/> is null.</exception>
    /// <exception cref="JobDeclarationException">
    /// The resource is a job already, or its configuration section holds an unknown name or a value that cannot be read.
    /// </exception>
    public static IResourceBuilder<T> AsScheduledJob<T>(this IResourceBuilder<T> builder, string cron, Action<JobOptions>? configure = null)
        where T : IComputeResource, IResourceWithEnvironment, IResourceWithWaitSupport
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(cron);
        JobDeclaration.Unscaled(builder, JobKind.Scheduled, cron, configure);
        return builder;
    }

    /// <summary>
    /// Makes the resource a job whose executions are started on demand only: here by a command in the dashboard or by a test, in Azure
    /// Container Apps by <c>az containerapp job start</c> or its API.
    /// </summary>
    /// <typeparam name="T">The worker's resource type.</typeparam>
    /// <param name="builder">The worker.</param>
    /// <param name="configure">Sets what the defaults do not fit.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    /// <exception cref="JobDeclarationException">
    /// The resource is a job already, or its configuration section holds an unknown name or a value that cannot be read.
    /// </exception>
    public static IResourceBuilder<T> AsManualJob<T>(this IResourceBuilder<T> builder, Action<JobOptions>? configure = null)
        where T : IComputeResource, IResourceWithEnvironment, IResourceWithWaitSupport
    {
        ArgumentNullException.ThrowIfNull(builder);
        JobDeclaration.Unscaled(builder, JobKind.Manual, schedule: null, configure);
        return builder;
    }
}
