namespace KedaJobs.Hosting;

/// <summary>The application has stopped, or is stopping, and the job with it: what was waited for cannot happen any more.</summary>
public sealed class JobStoppedException : JobException
{
    internal JobStoppedException(string resourceName, string? details = null)
        : base(
            $"The application is stopping, and the job '{resourceName}' with it.{(details is null ? "" : Environment.NewLine + details)}")
    {
    }
}
