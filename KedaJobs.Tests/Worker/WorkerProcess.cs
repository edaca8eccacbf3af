using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.Versioning;
using KedaJobs.Tests.Support;

namespace KedaJobs.Tests.Worker;

/// <summary>An execution of the worker as what it is: a process.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    /// <summary>
    /// Where the build put the worker, in the configuration of the tests: its own folder, with its own settings file. KEDAJOBS_TEST_WORKER
    /// names another one instead, such as one that was published as native code: the same tests hold for it.
    /// </summary>
    private static readonly string Program = Environment.GetEnvironmentVariable("KEDAJOBS_TEST_WORKER") ?? FindProgram();

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private WorkerProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        void Keep(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is not null)
            {
                _output.Enqueue(line.Data);
            }
        }
    }

    public string Output => string.Join('\n', _output);

    public static WorkerProcess Start(JobsBroker broker, params (string Name, string Value)[] settings) => Start([
        ("ConnectionStrings__jobs", broker.JobsConnection),
        ("ConnectionStrings__results", broker.ResultsConnection),
        ("CONTAINER_APP_JOB_EXECUTION_NAME", "worker-abc1234"),
        ("Logging__LogLevel__KedaJobs", "Debug"),
        ("QueueJob__IdleTime", "00:00:00.5"),

        // As the AppHost says of the queue: its declared number of deliveries, and no duplicate detection. A test of retries that wait
        // needs a longer idle time, so that its execution is still there when they are due.
        ("QueueJob__MaxAttempts", "3"),
        ("QueueJob__DuplicateDetection", "false"),
        ("QueueJob__RetryDelay", "00:00:00.1"),
        .. settings]);

    /// <summary>Longer than a retry waits, by far.</summary>
    public static (string Name, string Value) PatientForRetries => ("QueueJob__IdleTime", "00:00:04");

    public static WorkerProcess Start(params (string Name, string Value)[] settings)
    {
        var isLibrary = Program.EndsWith(".dll", StringComparison.Ordinal);
        var start = new ProcessStartInfo(isLibrary ? "dotnet" : Program, isLibrary ? [Program] : [])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(Program),
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return new WorkerProcess(start);
    }

    public Task SeesAsync(string text) =>
        Eventually.SucceedsAsync($"the worker says '{text}'", () => Assert.Contains(text, Output, StringComparison.Ordinal));

    public void Kill() => _process.Kill();

    [UnsupportedOSPlatform("windows")]
    public void Terminate() => Signal("TERM");

    /// <param name="name">The signal's name without SIG, such as STOP and CONT.</param>
    [UnsupportedOSPlatform("windows")]
    public void Signal(string name) => Signals.Send(_process, name);

    public async Task<int> ExitAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The worker has not ended: {Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>Waits for the end and expects success; the output explains what else happened.</summary>
    public async Task SucceedsAsync()
    {
        var exitCode = await ExitAsync();
        Assert.True(exitCode == 0, $"Exit code {exitCode}: {Output}");
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string FindProgram()
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Repository.Root, "KedaJobs.Worker", "bin", framework.Parent!.Name, framework.Name, "KedaJobs.Worker.dll");
    }
}
