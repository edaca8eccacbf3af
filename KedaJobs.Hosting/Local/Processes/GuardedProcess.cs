using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.Versioning;

namespace KedaJobs.Hosting.Local.Processes;

/// <summary>A process behind its guard. Both of its output streams are forwarded line by line.</summary>
internal sealed class GuardedProcess : IReplicaProcess
{
    /// <summary>How long output may stay open after the end: only a descendant that escaped the guard holds it.</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Process _process;
    private readonly WindowsGuard? _windowsGuard;
    private readonly ReplicaOutput _output;
    private bool _isReleased;

    public GuardedProcess(Process process, ReplicaOutput output, TimeProvider timeProvider)
    {
        _process = process;
        _output = output;
        Id = process.Id;
        _windowsGuard = OperatingSystem.IsWindows() ? new WindowsGuard(process) : null;
        Exit = RunAsync(output, timeProvider);
    }

    public int Id { get; }

    public Task<int> Exit { get; }

    public void Terminate()
    {
        lock (_gate)
        {
            if (_isReleased)
            {
                return;
            }

            if (OperatingSystem.IsWindows())
            {
                Break();
                return;
            }

            try
            {
                _process.StandardInput.WriteLine(PosixGuard.Terminate);
                _process.StandardInput.Flush();
            }
            catch (IOException)
            {
                // The watcher was killed: nothing can deliver the signal, and nothing would end the process together with this one.
                _process.Kill(entireProcessTree: true);
            }
        }
    }

    public void Kill()
    {
        ReleaseGuard();
        try
        {
            // The guard has done it already unless its watcher was killed.
            _process.Kill(entireProcessTree: false);
        }
        catch (InvalidOperationException)
        {
            // The process is gone and its handle closed.
        }
    }

    [SupportedOSPlatform("windows")]
    private void Break()
    {
        try
        {
            WindowsConsole.Break(Id);
        }
        catch (Win32Exception exception)
        {
            _output(
                $"The stop signal could not be sent to the worker ({exception.Message}). It is killed when its grace period ends.",
                isError: true);
        }
    }

    private async Task<int> RunAsync(ReplicaOutput output, TimeProvider timeProvider)
    {
        IReplicaOutputReader[] readers =
        [
            ReplicaOutputReader.Start(_process.StandardOutput, line => output(line, isError: false)),
            ReplicaOutputReader.Start(_process.StandardError, line => output(line, isError: true)),
        ];
        var ended = Task.WhenAll(readers.Select(reader => reader.Completion));
        await _process.WaitForExitAsync().ConfigureAwait(false);
        var exitCode = _process.ExitCode;
        ReleaseGuard();
        try
        {
            await ended.WaitAsync(OutputGrace, timeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            foreach (var reader in readers)
            {
                reader.Close();
            }

            await ended.ConfigureAwait(false);
            output(
                "A process that the worker left behind in its own process group still holds the output open. Its output is not shown.",
                isError: true);
        }

        _process.Dispose();
        return exitCode;
    }

    /// <summary>Lets the guard end the rest of the process group.</summary>
    private void ReleaseGuard()
    {
        lock (_gate)
        {
            if (_isReleased)
            {
                return;
            }

            _isReleased = true;
            if (OperatingSystem.IsWindows())
            {
                _windowsGuard!.Dispose();
            }

            try
            {
                _process.StandardInput.Close();
            }
            catch (IOException)
            {
                // An unsent line of a watcher that is gone.
            }
        }
    }
}
