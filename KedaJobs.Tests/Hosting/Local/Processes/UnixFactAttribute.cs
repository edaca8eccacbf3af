namespace KedaJobs.Tests.Hosting.Local.Processes;

/// <summary>A test of processes as Linux and macOS have them.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows())
        {
            Skip = "skipped: needs /bin/sh";
        }
    }
}
