namespace KedaJobs.Tests.Support;

/// <summary>A test of signals, shells and file modes, as Linux and macOS have them.</summary>
/// <remarks>
/// Helpers that need them are marked as unsupported on Windows, and so must be the tests that call them: the build says so.
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows())
        {
            Skip = "skipped: needs a POSIX system";
        }
    }
}
