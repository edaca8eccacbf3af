using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace KedaJobs.Hosting.Local.Processes;

/// <summary>
/// What comes closest to SIGTERM on Windows: Ctrl+Break to a process's group, which a .NET host takes as a request to stop.
/// </summary>
/// <remarks>
/// Windows delivers it only to processes on the caller's console. So replicas share this process's console where it has one; in a
/// process group of their own they do not hear the Ctrl+C that ends this process. Where there is none (started by an IDE or a
/// service), each replica gets a hidden console, which this process attaches to for as long as it takes to send the event: a
/// process can be attached to one console only.
/// </remarks>
[SupportedOSPlatform("windows")]
internal static class WindowsConsole
{
    private const uint CtrlBreak = 1;

    private static readonly Lock Attaching = new();

    /// <summary>Whether this process has a console that replicas can share.</summary>
    public static bool IsAttached { get; } = GetConsoleCP() != 0;

    /// <summary>Asks a process group, and with it the process that leads it, to end.</summary>
    /// <exception cref="Win32Exception">The request could not be delivered.</exception>
    public static void Break(int processId)
    {
        if (IsAttached)
        {
            Send(processId);
            return;
        }

        lock (Attaching)
        {
            Require(AttachConsole((uint)processId));
            try
            {
                Send(processId);
            }
            finally
            {
                FreeConsole();
            }
        }
    }

    private static void Send(int processId) => Require(GenerateConsoleCtrlEvent(CtrlBreak, (uint)processId));

    private static void Require(bool succeeded)
    {
        if (!succeeded)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [DllImport("kernel32.dll")]
    private static extern uint GetConsoleCP();

    [DllImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool AttachConsole(uint processId);

    [DllImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool FreeConsole();

    [DllImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool GenerateConsoleCtrlEvent(uint controlEvent, uint processGroupId);
}
