using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;

namespace KedaJobs.Tests.Support;

/// <summary>Signals of POSIX systems.</summary>
internal static class Signals
{
    /// <summary>Sends a signal to a process.</summary>
    /// <param name="process">The process.</param>
    /// <param name="name">The signal's name without SIG, such as TERM, STOP and CONT.</param>
    [UnsupportedOSPlatform("windows")]
    public static void Send(Process process, string name)
    {
        using var kill = Process.Start("kill", ["-s", name, process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
