using KedaJobs.Hosting;
using KedaJobs.Hosting.Local;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting;

/// <summary>Gives tests and tools access to the event jobs of a running application.</summary>
public static class EventJobApplicationExtensions
{
    /// <summary>Gets an event job of the application.</summary>
    /// <param name="app">The application. It need not be started yet.</param>
    /// <param name="resourceName">The worker's resource name.</param>
    /// <returns>The job as the local KEDA sees it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="app"/> or <paramref name="resourceName"/> is null.</exception>
    /// <exception cref="EventJobException">The application has no such event job, or publishes instead of running.</exception>
    public static EventJob GetEventJob(this DistributedApplication app, string resourceName)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(resourceName);
        return app.Services.GetService<LocalKeda>()?.Find(resourceName)
            ?? throw new EventJobException($"The application runs no job '{resourceName}'. Declare it with AsEventJob, AsScheduledJob or AsManualJob, and run the AppHost instead of publishing it.");
    }

    /// <summary>Gets a job of the application: an event job, a scheduled or a manual one.</summary>
    /// <inheritdoc cref="GetEventJob"/>
    public static EventJob GetJob(this DistributedApplication app, string resourceName) => app.GetEventJob(resourceName);

    /// <summary>
    /// Sets the clock by which event jobs are polled and schedules are followed. With a clock that a test advances, polls and scheduled executions come only
    /// when the test says so; processes, locks and time-outs keep to the real clock.
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
