using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using KedaJobs.Contracts;

namespace KedaJobs.Worker.Handlers;

/// <summary>The handlers by task name.</summary>
internal sealed class JobHandlers
{
    private readonly Dictionary<string, Handler> _handlers;

    public JobHandlers(IEnumerable<Handler> handlers) => _handlers = handlers.ToDictionary(handler => handler.Task.Name, StringComparer.Ordinal);

    public delegate Task<JsonElement> Invoke(JsonElement input, JobContext job, CancellationToken cancellationToken);

    /// <summary>Names of the tasks that there is a handler for.</summary>
    public IEnumerable<string> Tasks => _handlers.Keys;

    public bool TryFind(string task, [NotNullWhen(true)] out Handler? handler) => _handlers.TryGetValue(task, out handler);

    /// <summary>A handler with its types hidden behind JSON.</summary>
    public sealed record Handler(JobTask Task, Invoke Invoke);
}
