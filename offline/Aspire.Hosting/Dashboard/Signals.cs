using System.Runtime.InteropServices;

namespace Aspire.Hosting.Dashboard;

internal static class Signals
{
    private const int Sigterm = 15;

    /// <summary>Asks a process to end; one that is gone already is no error.</summary>
    public static void Terminate(int processId) => _ = Kill(processId, Sigterm);

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int processId, int signal);
}
