using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting.Checks;
using KedaJobs.Hosting.Local.Dashboard;

namespace KedaJobs.Hosting;

/// <summary>The one record of an event job's declaration. Run mode, publish mode and the checks read it and nothing else.</summary>
internal sealed class EventJobAnnotation(ProjectResource worker, TriggerEntity trigger, EventJobOptions options) : IResourceAnnotation
{
    /// <summary>The project whose executions are started.</summary>
    public ProjectResource Worker { get; } = worker;

    /// <summary>The entity whose active messages start executions.</summary>
    public TriggerEntity Trigger { get; } = trigger;

    /// <summary>What was declared, with the AppHost's configuration laid over it.</summary>
    public EventJobOptions Options { get; } = options;

    /// <summary>What the checks found doubtful, once the model is complete.</summary>
    public IReadOnlyList<CheckFinding> Warnings { get; set; } = [];

    /// <summary>The dashboard rows for its executions, in the order of their first use. Run mode only; otherwise empty.</summary>
    public IReadOnlyList<ExecutionRow> Rows { get; set; } = [];

    /// <summary>The job's name: Container Apps wants lower case, and Aspire publishes it so.</summary>
    public string JobName => Worker.Name.ToLowerInvariant();
}
