namespace KedaJobs.Hosting;

/// <summary>The application has stopped, or is stopping, and the event job with it: what was waited for cannot happen any more.</summary>
public sealed class EventJobStoppedException : EventJobException
{
    internal EventJobStoppedException(string resourceName, string? details = null)
        : base($"The application is stopping, and the event job '{resourceName}' with it.{(details is null ? "" : Environment.NewLine + details)}")
    {
    }
}
