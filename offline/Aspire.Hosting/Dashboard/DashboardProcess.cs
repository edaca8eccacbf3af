using System.Collections;
using Aspire.Hosting.Orchestration.Processes;

namespace Aspire.Hosting.Dashboard;

/// <summary>One run of the dashboard's executable.</summary>
internal sealed class DashboardProcess : IAsyncDisposable
{
    /// <summary>An exit code of the executable, named in its source.</summary>
    public const int BadConfiguration = 101;

    /// <inheritdoc cref="BadConfiguration"/>
    public const int AddressInUse = 102;

    private const string ReadyMark = "Now listening on: ";
    private const int LinesKept = 20;
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(5);

    private readonly GuardedProcess _process;
    private readonly Action<string, bool> _output;
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<string> _lastLines = new();

    private DashboardProcess(ProcessStart start, Action<string, bool> output, TimeProvider time)
    {
        _output = output;
        _process = GuardedProcess.Start(start, Read, time);
    }

    /// <summary>The address that the dashboard says it listens on. Never completes when it ends before.</summary>
    public Task<string> Ready => _ready.Task;

    /// <summary>The exit code, after the last line of output.</summary>
    public Task<int> Completion => _process.Completion;

    public Task<int?> Id => _process.Id;

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

    /// <param name="path">The executable.</param>
    /// <param name="changes">What differs from this process's environment; null takes a variable away.</param>
    /// <param name="output">Gets each line, and whether it is an error.</param>
    /// <param name="time">The clock of its stop.</param>
    public static DashboardProcess Start(string path, IReadOnlyDictionary<string, string?> changes, Action<string, bool> output, TimeProvider time)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                environment.Remove(name);
            }
            else
            {
                environment[name] = value;
            }
        }

        return new DashboardProcess(new ProcessStart(path, ["dashboard"], Path.GetDirectoryName(path)!, environment), output, time);
    }

    /// <summary>Asks it to end, and ends it when it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        await _process.StopAsync(StopTime, CancellationToken.None);
        _process.Dispose();
    }

    private void Read(string line, bool isError)
    {
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
