using KedaJobs.Hosting;
using KedaJobs.Hosting.Local;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting;

/// <summary>Gives tests and tools access to the jobs of a running application.</summary>
[AspireExportIgnore(Reason = PolyglotAppHosts.NotSupported)]
public static class JobApplicationExtensions
{
    /// <summary>Gets a job of the application: an event job, a scheduled job or a manual job.</summary>
    /// <param name="app">The application. It doesn't have to be started yet.</param>
    /// <param name="resourceName">The worker's resource name.</param>
    /// <returns>The job as the local KEDA sees it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="app"/> or <paramref name="resourceName"/> is null.</exception>
    /// <exception cref="JobException">The application has no such job, or it is publishing instead of running.</exception>
    public static RunningJob GetJob(this DistributedApplication app, string resourceName)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(resourceName);
        return app.Services.GetService<LocalKeda>()?.Find(resourceName)
            ?? throw new JobException(
                $"The application runs no job '{resourceName}'. Declare it with AsEventJob, AsScheduledJob or AsManualJob, "
                + "and run the AppHost instead of publishing it.");
    }

    /// <summary>
    /// Sets the clock for polling and schedules. If a test advances the clock, polls and scheduled executions happen only when the test
    /// says so; processes, locks and time-outs still follow the real clock.
    /// </summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="timeProvider">The clock, for instance a <c>FakeTimeProvider</c>.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="timeProvider"/> is null.</exception>
    public static IDistributedApplicationBuilder UseScheduleClock(this IDistributedApplicationBuilder builder, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(timeProvider);
        builder.Services.AddSingleton(new ScheduleClock(timeProvider));
        return builder;
    }
}
