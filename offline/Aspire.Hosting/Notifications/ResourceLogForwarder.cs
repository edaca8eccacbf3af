using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Writes every resource's console lines to the AppHost's log, one category per resource. On when the options ask for it.</summary>
internal sealed class ResourceLogForwarder(ResourceLoggerService loggers, ResourceNotificationService notifications, ILoggerFactory loggerFactory, IHostEnvironment environment)
    : IHostedService, IDisposable
{
    private readonly ConcurrentDictionary<string, ILogger> _categories = new();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        loggers.LineWritten += Forward;
        return Task.CompletedTask;
    }

    // What resources say while they stop is worth hearing: this ends with the host, not with its stop.
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => loggers.LineWritten -= Forward;

    private void Forward(string rowId, LogLine line)
    {
        var name = notifications.TryGetCurrentState(rowId, out var row) ? row.Resource.Name : rowId;
        var logger = _categories.GetOrAdd(name, key => loggerFactory.CreateLogger($"{environment.ApplicationName}.Resources.{key}"));
        logger.Log(line.IsErrorMessage ? LogLevel.Error : LogLevel.Information, "{LineNumber}: {LineContent}", line.LineNumber, line.Content);
    }
}
