using System.Text;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Jobs.Hosting;

/// <summary>
/// Writes a line of text to the standard output for each entry, as the console logger does with <c>SingleLine</c>. It needs neither a
/// thread nor options of its own, which costs a process of a few hundred milliseconds a noticeable part of its time.
/// </summary>
internal sealed class LineLoggerProvider(Stream output) : ILoggerProvider
{
    private readonly Lock _lock = new();

    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName);

    public void Dispose() => output.Dispose();

    private void Write(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line);
        lock (_lock)
        {
            output.Write(bytes);
            output.Flush();
        }
    }

    private sealed class LineLogger(LineLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = new StringBuilder(256).Append(Name(logLevel)).Append(": ").Append(category).Append('[').Append(eventId.Id)
                .Append("] ");
            AppendOneLine(line, formatter(state, exception));
            if (exception is not null)
            {
                AppendOneLine(line.Append(' '), exception.ToString());
            }

            provider.Write(line.Append('\n').ToString());
        }

        private static void AppendOneLine(StringBuilder line, string text) =>
            line.Append(text.Contains('\n', StringComparison.Ordinal) ? text.ReplaceLineEndings(" ") : text);

        private static string Name(LogLevel level) => level switch
        {
            LogLevel.Trace => "trce",
            LogLevel.Debug => "dbug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            LogLevel.Error => "fail",
            _ => "crit",
        };
    }
}
