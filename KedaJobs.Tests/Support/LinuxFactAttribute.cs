namespace KedaJobs.Tests.Support;

/// <summary>A test that looks at processes the way Linux shows them.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "skipped: needs /proc";
        }
    }
}
