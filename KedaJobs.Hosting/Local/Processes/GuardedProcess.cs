using System.Diagnostics;

namespace KedaJobs.Hosting.Local.Processes;

/// <summary>A process behind its guard, with both of its output streams passed on line by line.</summary>
internal sealed class GuardedProcess : IReplicaProcess
{
    /// <summary>How long output may stay open after the end: only a descendant that escaped the guard holds it.</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Process _process;
    private readonly WindowsGuard? _windowsGuard;
    private bool _isReleased;

    public GuardedProcess(Process process, ReplicaOutput output, TimeProvider timeProvider)
    {
        _process = process;
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
                WindowsGuard.Terminate(Id);
                return;
            }

            try
            {
                _process.StandardInput.WriteLine(PosixGuard.Terminate);
                _process.StandardInput.Flush();
            }
            catch (IOException)
            {
                // Somebody killed the watcher: nothing can carry the signal, and nothing would end the process with this one.
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

    private async Task<int> RunAsync(ReplicaOutput output, TimeProvider timeProvider)
    {
        var pumps = Task.WhenAll(
            Pump(_process.StandardOutput, line => output(line, isError: false)),
            Pump(_process.StandardError, line => output(line, isError: true)));
        await _process.WaitForExitAsync().ConfigureAwait(false);
        var exitCode = _process.ExitCode;
        ReleaseGuard();
        try
        {
            await pumps.WaitAsync(OutputGrace, timeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            output("A process that left the replica's process group still holds its output; what it writes is not shown.", isError: true);
        }

        _process.Dispose();
        return exitCode;
    }

    /// <summary>Lets the guard end whatever is left of the process group.</summary>
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

    /// <summary>A thread for each stream: reads of a process's pipes block, and blocked pool threads would starve the broker beside us.</summary>
    private static Task Pump(StreamReader reader, Action<string> write)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                while (reader.ReadLine() is { } line)
                {
                    write(line);
                }
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                // Closed under the reader after the grace.
            }

            done.SetResult();
        })
        { IsBackground = true, Name = "replica output" }.Start();
        return done.Task;
    }
}
