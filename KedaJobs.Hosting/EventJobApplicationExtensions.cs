using KedaJobs.Hosting;
using KedaJobs.Hosting.Local;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting;

/// <summary>Reads event jobs off an application that runs.</summary>
public static class EventJobApplicationExtensions
{
    /// <summary>The local view of an event job.</summary>
    /// <param name="app">The application. It need not be started yet.</param>
    /// <param name="name">The worker's resource name.</param>
    /// <exception cref="ArgumentNullException"><paramref name="app"/> or <paramref name="name"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The application has no such event job, or publishes instead of running.</exception>
    public static EventJob GetEventJob(this DistributedApplication app, string name)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(name);
        return app.Services.GetService<LocalKeda>()?.Find(name)
            ?? throw new InvalidOperationException($"There is no event job '{name}' here. Declare one with AsEventJob, and run the AppHost.");
    }
}
