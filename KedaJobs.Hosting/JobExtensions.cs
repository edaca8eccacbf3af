using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting;

namespace Aspire.Hosting;

/// <summary>Declares projects, executables and containers as jobs that are started by a schedule or on demand.</summary>
[AspireExportIgnore(Reason = PolyglotAppHosts.NotSupported)]
public static class JobExtensions
{
    /// <summary>
    /// Makes the resource a job that is started by a schedule: locally when the AppHost runs, and in Azure Container Apps after publishing.
    /// The dashboard shows the next scheduled time and can start an execution on demand.
    /// </summary>
    /// <remarks>
    /// As in Container Apps, the schedule starts an execution even if the previous one is still running. A scheduled time
    /// that passes while the AppHost is not running is skipped. Individual options can be overridden in the AppHost's
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
    /// Five fields, in UTC: minute, hour, day of month, month, day of week (0 to 6 from Sunday). An expression that Container Apps does not
    /// accept is reported when the model is complete (KJ024).
    /// </param>
    /// <param name="configure">Changes the defaults.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="cron"/> is null.</exception>
    /// <exception cref="JobDeclarationException">
    /// The resource is already a job, or its configuration section contains an unknown name or an invalid value.
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
    /// Makes the resource a job that is started on demand only: locally by a dashboard command or a test, and in Azure Container Apps by
    /// <c>az containerapp job start</c> or its API.
    /// </summary>
    /// <typeparam name="T">The worker's resource type.</typeparam>
    /// <param name="builder">The worker.</param>
    /// <param name="configure">Changes the defaults.</param>
    /// <returns>The worker's builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    /// <exception cref="JobDeclarationException">
    /// The resource is already a job, or its configuration section contains an unknown name or an invalid value.
    /// </exception>
    public static IResourceBuilder<T> AsManualJob<T>(this IResourceBuilder<T> builder, Action<JobOptions>? configure = null)
        where T : IComputeResource, IResourceWithEnvironment, IResourceWithWaitSupport
    {
        ArgumentNullException.ThrowIfNull(builder);
        JobDeclaration.Unscaled(builder, JobKind.Manual, schedule: null, configure);
        return builder;
    }
}
