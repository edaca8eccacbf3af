namespace KedaJobs.Hosting;

/// <summary>The application, and the job with it, has stopped or is stopping, so the awaited event can no longer happen.</summary>
public sealed class JobStoppedException : JobException
{
    internal JobStoppedException(string resourceName, string? details = null)
        : base(
            $"The application is stopping, and the job '{resourceName}' with it.{(details is null ? "" : Environment.NewLine + details)}")
    {
    }
}
