using System.Diagnostics;

namespace Aspire.Hosting.Dashboard;

/// <summary>One run of the dashboard's executable.</summary>
internal sealed class DashboardProcess : IAsyncDisposable
{
    /// <summary>Exit codes of the executable (named in its source).</summary>
    public const int BadConfiguration = 101;

    /// <inheritdoc cref="BadConfiguration"/>
    public const int AddressInUse = 102;

    private const string ReadyMark = "Now listening on: ";
    private const int LinesKept = 20;
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly Action<string, bool> _output;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<string> _lastLines = new();

    private DashboardProcess(Process process, Action<string, bool> output, TimeProvider time)
    {
        _process = process;
        _output = output;
        _time = time;
    }

    /// <summary>The address that the dashboard says it listens on. Cancelled when it ends before.</summary>
    public Task<string> Ready => _ready.Task;

    public int Id => _process.Id;

    /// <summary>What it said last.</summary>
    public string LastLines
    {
        get
        {
            lock (_lastLines)
            {
                return string.Join(Environment.NewLine, _lastLines);
            }
        }
    }

    public static DashboardProcess Start(string path, IReadOnlyDictionary<string, string?> environment, Action<string, bool> output, TimeProvider time)
    {
        var start = new ProcessStartInfo(path, ["dashboard"])
        {
            WorkingDirectory = Path.GetDirectoryName(path),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            // An empty value is a value to the dashboard.
            if (value is null)
            {
                start.Environment.Remove(name);
            }
            else
            {
                start.Environment[name] = value;
            }
        }

        var run = new DashboardProcess(new Process { StartInfo = start }, output, time);
        run._process.OutputDataReceived += (_, e) => run.Read(e.Data, isError: false);
        run._process.ErrorDataReceived += (_, e) => run.Read(e.Data, isError: true);
        run._process.Start();
        run._process.BeginOutputReadLine();
        run._process.BeginErrorReadLine();
        return run;
    }

    /// <summary>Waits for its end and all of its output; returns the exit code.</summary>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        _ready.TrySetCanceled(CancellationToken.None);
        return _process.ExitCode;
    }

    /// <summary>Asks it to end, and ends it when it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signals.Terminate(_process.Id);
            using var deadline = new CancellationTokenSource(StopTime, _time);
            try
            {
                await WaitForExitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await WaitForExitAsync(CancellationToken.None);
            }
        }

        _process.Dispose();
    }

    private void Read(string? line, bool isError)
    {
        if (line is null)
        {
            return;
        }

        lock (_lastLines)
        {
            _lastLines.Enqueue(line);
            if (_lastLines.Count > LinesKept)
            {
                _lastLines.Dequeue();
            }
        }

        var mark = line.IndexOf(ReadyMark, StringComparison.Ordinal);
        if (mark >= 0)
        {
            _ready.TrySetResult(line[(mark + ReadyMark.Length)..].Trim());
        }

        _output(line, isError);
    }
}
