using Microsoft.Extensions.Logging;

namespace KedaJobs.Hosting.Local.Executions;

/// <summary>
/// The log of one execution: the last of it in memory, and all of it in the log of the resource that shows it; that of the job, each line
/// with the execution's name, where it has no resource of its own.
/// </summary>
/// <param name="target">The resource's log.</param>
/// <param name="prefix">The prefix of each line there.</param>
internal sealed class ExecutionLog(ILogger target, string prefix) : ILogger
{
    /// <summary>How much is kept in memory: enough to see how an execution ended, little enough for a hundred of them.</summary>
    public const int Capacity = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();
    private int _length;
    private bool _isClosed;

    /// <summary>The last lines, the oldest first.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = formatter(state, exception);
        lock (_gate)
        {
            // A process that still writes has outlived the execution, and the resource may already show another one.
            if (_isClosed)
            {
                return;
            }

            _lines.Enqueue(line.Length > Capacity ? line[..Capacity] : line);
            _length += Math.Min(line.Length, Capacity);
            while (_length > Capacity && _lines.TryDequeue(out var oldest))
            {
                _length -= oldest.Length;
            }

            target.Log(logLevel, eventId, prefix + line, null, static (text, _) => text);
        }
    }

    /// <summary>Ends the log.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
        }
    }
}
