namespace KedaJobs.Tests.Support;

/// <summary>A theory about what only Linux has, such as /proc and SSL_CERT_FILE.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "skipped: needs Linux";
        }
    }
}
