using System.Diagnostics;
using System.Text;

namespace KedaJobs.Hosting.Local.Processes;

/// <summary>
/// Starts replicas as processes that cannot outlive this one. See <see cref="PosixGuard"/> and <see cref="WindowsGuard"/>.
/// </summary>
/// <remarks>
/// Aspire's orchestrator could start them as fast (16 to 35 ms), but kills a process 12 s after SIGTERM instead of 30 s, and leaves a
/// killed one without an exit code, by which retries and outcomes are decided; measured with Aspire 13.6.5.
/// </remarks>
internal sealed class GuardedStarter(TimeProvider timeProvider) : IReplicaStarter
{
    public IReplicaProcess Start(ReplicaStart start, ReplicaOutput output)
    {
        var windows = OperatingSystem.IsWindows();
        string[] commandLine = windows
            ? [start.FileName, .. start.Arguments]
            : [.. PosixGuard.CommandLine(start.FileName, start.Arguments, start.CleanUp)];
        var info = new ProcessStartInfo(commandLine[0])
        {
            WorkingDirectory = start.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            CreateNoWindow = true,
        };
        if (OperatingSystem.IsWindows())
        {
            info.CreateNewProcessGroup = true;
            info.CreateNoWindow = !WindowsConsole.IsAttached;
        }

        foreach (var argument in commandLine.Skip(1))
        {
            info.ArgumentList.Add(argument);
        }

        info.Environment.Clear();
        foreach (var (name, value) in start.Environment)
        {
            info.Environment[name] = value;
        }

        var process = new GuardedProcess(Process.Start(info)!, output, timeProvider);
        if (windows && start.CleanUp is [var tool, ..])
        {
            // Elsewhere the guard's watcher does it, also when this process is gone.
            _ = process.Exit.ContinueWith(
                _ => Process.Start(new ProcessStartInfo(tool, start.CleanUp.Skip(1)) { CreateNoWindow = true })?.Dispose(),
                TaskScheduler.Default);
        }

        return process;
    }
}
