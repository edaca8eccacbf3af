namespace KedaJobs.Tests.Support;

/// <summary>A test in a browser: a Chromium that is installed, or the one that CHROMIUM names.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "skipped: needs /proc";
        }
        else if (!File.Exists(Chromium))
        {
            Skip = $"skipped: there is no browser {Chromium}. Install it (Debian: apt-get install chromium), or name one in CHROMIUM.";
        }
    }

    public static string Chromium => Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium";
}
