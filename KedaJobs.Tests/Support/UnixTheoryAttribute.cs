namespace KedaJobs.Tests.Support;

/// <summary>A theory about signals, shells and file modes, as Linux and macOS have them.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute()
    {
        if (OperatingSystem.IsWindows())
        {
            Skip = "skipped: needs a POSIX system";
        }
    }
}
