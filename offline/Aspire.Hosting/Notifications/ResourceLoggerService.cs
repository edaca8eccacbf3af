using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);

/// <summary>The console log of every row. Late readers get what was written before they came, up to a bound.</summary>
public class ResourceLoggerService : IDisposable
{
    private readonly ConcurrentDictionary<string, ResourceLog> _logs = new(StringComparer.OrdinalIgnoreCase);

    internal TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Raised for each line of any resource, in the order of that resource's log.</summary>
    internal event Action<string, LogLine>? LineWritten;

    public ILogger GetLogger(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return new ResourceLogger(() => [.. resource.GetResolvedResourceNames().Select(Log)]);
    }

    public ILogger GetLogger(string resourceName)
    {
        ArgumentNullException.ThrowIfNull(resourceName);
        return new ResourceLogger(() => [Log(resourceName)]);
    }

    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return ReadAsync([.. resource.GetResolvedResourceNames()], follow: true);
    }

    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName)
    {
        ArgumentNullException.ThrowIfNull(resourceName);
        return ReadAsync([resourceName], follow: true);
    }

    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return ReadAsync([.. resource.GetResolvedResourceNames()], follow: false);
    }

    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName)
    {
        ArgumentNullException.ThrowIfNull(resourceName);
        return ReadAsync([resourceName], follow: false);
    }

    /// <summary>Ends the log: readers see its end, and whatever is written afterwards is dropped.</summary>
    public void Complete(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        foreach (var name in resource.GetResolvedResourceNames())
        {
            Complete(name);
        }
    }

    public void Complete(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Log(name).Complete();
    }

    public void ClearBacklog(string resourceName)
    {
        ArgumentNullException.ThrowIfNull(resourceName);
        Log(resourceName).Clear();
    }

    public void Dispose()
    {
        foreach (var log in _logs.Values)
        {
            log.Complete();
        }

        GC.SuppressFinalize(this);
    }

    internal ResourceLog Log(string name) =>
        _logs.GetOrAdd(name, static (key, self) => new ResourceLog(self.TimeProvider, line => self.LineWritten?.Invoke(key, line)), this);

    private async IAsyncEnumerable<IReadOnlyList<LogLine>> ReadAsync(string[] names, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (!follow)
        {
            foreach (var name in names)
            {
                if (Log(name).Backlog() is { Count: > 0 } lines)
                {
                    yield return lines;
                }
            }

            yield break;
        }

        var channel = Channel.CreateUnbounded<IReadOnlyList<LogLine>>(new UnboundedChannelOptions { SingleReader = true });
        using var ended = new CountdownEvent(names.Length);
        var subscriptions = names.Select(name => Log(name).Subscribe(
            lines => channel.Writer.TryWrite(lines),
            () =>
            {
                if (ended.Signal())
                {
                    channel.Writer.TryComplete();
                }
            })).ToArray();
        try
        {
            await foreach (var lines in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return lines;
            }
        }
        finally
        {
            foreach (var subscription in subscriptions)
            {
                subscription.Dispose();
            }
        }
    }

    private sealed class ResourceLogger(Func<IReadOnlyList<ResourceLog>> logs) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            var text = formatter(state, exception) + (exception is null ? "" : Environment.NewLine + exception);
            foreach (var log in logs())
            {
                log.Write(text, isError: logLevel >= LogLevel.Error);
            }
        }
    }
}
