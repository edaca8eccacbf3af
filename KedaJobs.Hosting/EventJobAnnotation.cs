using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting.Local.Dashboard;

namespace KedaJobs.Hosting;

/// <summary>The one record of an event job's declaration. Run mode, publish mode and the checks read it and nothing else.</summary>
internal sealed class EventJobAnnotation(ProjectResource worker, AzureServiceBusQueueResource queue, EventJobOptions options) : IResourceAnnotation
{
    /// <summary>The project whose executions are started.</summary>
    public ProjectResource Worker { get; } = worker;

    /// <summary>The queue whose active messages start executions.</summary>
    public AzureServiceBusQueueResource Queue { get; } = queue;

    /// <summary>What was declared, with the AppHost's configuration laid over it.</summary>
    public EventJobOptions Options { get; } = options;

    /// <summary>The dashboard rows for its executions, in the order of their first use. Run mode only; otherwise empty.</summary>
    public IReadOnlyList<ExecutionRow> Rows { get; set; } = [];

    /// <summary>The job's name: Container Apps wants lower case, and Aspire publishes it so.</summary>
    public string JobName => Worker.Name.ToLowerInvariant();
}
