namespace KedaJobs.Tests.Support;

/// <summary>A theory that looks at processes the way Linux shows them.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "skipped: needs /proc";
        }
    }
}
