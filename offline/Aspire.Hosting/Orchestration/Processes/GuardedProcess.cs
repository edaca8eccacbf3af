using System.Diagnostics;
using System.Text;

namespace Aspire.Hosting.Orchestration.Processes;

internal sealed record ProcessStart(string FileName, IReadOnlyList<string> Arguments, string WorkingDirectory, IReadOnlyDictionary<string, string> Environment);

/// <summary>One run of a program: its output by lines, its exit code, and a stop that is polite first.</summary>
internal sealed class GuardedProcess : IDisposable
{
    /// <summary>How long the rest of the output may take after the program has ended; a process that it left behind can hold the pipe open.</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly bool _guarded;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<int?> _id = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _killed;

    private GuardedProcess(Process process, bool guarded, Action<string, bool> output, TimeProvider time)
    {
        _process = process;
        _guarded = guarded;
        _time = time;
        if (!guarded)
        {
            _id.SetResult(process.Id);
        }

        Completion = CompleteAsync(Task.WhenAll(PumpAsync(process.StandardOutput, isError: false, output), PumpAsync(process.StandardError, isError: true, output)));
    }

    /// <summary>The exit code, after the last line of output was handed over. 128 plus the signal when a signal ended the program.</summary>
    public Task<int> Completion { get; }

    /// <summary>The program's process id, once there is a process. Null when there never was.</summary>
    public Task<int?> Id => _id.Task;

    public static GuardedProcess Start(ProcessStart start, Action<string, bool> output, TimeProvider time)
    {
        var guarded = ProcessGuard.IsAvailable;
        var (fileName, arguments) = guarded ? ProcessGuard.Wrap(start.FileName, start.Arguments) : (start.FileName, start.Arguments);
        var info = new ProcessStartInfo(fileName, arguments)
        {
            WorkingDirectory = start.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            UseShellExecute = false,
        };
        info.Environment.Clear();
        foreach (var (name, value) in start.Environment)
        {
            info.Environment[name] = value;
        }

        return new GuardedProcess(Process.Start(info)!, guarded, output, time);
    }

    /// <summary>Asks the program to end (SIGTERM) and kills it with all its children when it has not ended in time.</summary>
    public async Task StopAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        if (_guarded)
        {
            Tell("TERM");
            try
            {
                await Completion.WaitAsync(grace, _time, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
            {
                // Asked politely long enough.
            }
        }

        Kill();
        await Completion.ConfigureAwait(false);
    }

    /// <summary>Ends the program and everything it started, at once.</summary>
    public void Kill()
    {
        if (Interlocked.Exchange(ref _killed, 1) != 0)
        {
            return;
        }

        try
        {
            if (_guarded)
            {
                _process.StandardInput.Close();
            }
            else
            {
                _process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private void Tell(string signal)
    {
        try
        {
            _process.StandardInput.WriteLine(signal);
            _process.StandardInput.Flush();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // It has ended by itself.
        }
    }

    private async Task<int> CompleteAsync(Task pumps)
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        var exitCode = _process.ExitCode;
        await Task.WhenAny(pumps, Task.Delay(OutputGrace, _time)).ConfigureAwait(false);
        _id.TrySetResult(null);
        return exitCode;
    }

    private async Task PumpAsync(StreamReader reader, bool isError, Action<string, bool> output)
    {
        try
        {
            if (_guarded && !isError)
            {
                _id.TrySetResult(int.TryParse(await reader.ReadLineAsync().ConfigureAwait(false), out var id) ? id : null);
            }

            while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                output(line, isError);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The pipe was closed under us: there is no more output to have.
        }
    }
}
