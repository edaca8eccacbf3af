using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting.Checks;
using KedaJobs.Hosting.Local.Dashboard;

namespace KedaJobs.Hosting;

/// <summary>An entity that a job is scaled by.</summary>
/// <param name="Entity">The entity whose active messages start executions.</param>
/// <param name="MessageCount">Messages one execution is meant to take; null: as the job's options say.</param>
/// <param name="ActivationMessageCount">The trigger is active only above this many; null: as the job's options say.</param>
internal sealed record EntityTrigger(TriggerEntity Entity, int? MessageCount = null, int? ActivationMessageCount = null);

/// <summary>The one record of an event job's declaration. Run mode, publish mode and the checks read it and nothing else.</summary>
internal sealed class EventJobAnnotation(ProjectResource worker, TriggerEntity trigger, EventJobOptions options) : IResourceAnnotation
{
    /// <summary>The project whose executions are started.</summary>
    public ProjectResource Worker { get; } = worker;

    /// <summary>The entity that the job was declared with: the first of <see cref="Triggers"/>.</summary>
    public TriggerEntity Trigger => Triggers[0].Entity;

    /// <summary>The entities whose active messages start executions. At least one.</summary>
    public IList<EntityTrigger> Triggers { get; } = [new(trigger)];

    /// <summary>What was declared, with the AppHost's configuration laid over it.</summary>
    public EventJobOptions Options { get; } = options;

    /// <summary>What the checks found doubtful, once the model is complete.</summary>
    public IReadOnlyList<CheckFinding> Warnings { get; set; } = [];

    /// <summary>The resources that show its executions, in the order of their first use. Run mode only; otherwise empty.</summary>
    public IReadOnlyList<ExecutionSlot> Slots { get; set; } = [];

    /// <summary>The job's name: Container Apps wants lower case, and Aspire publishes it so.</summary>
    public string JobName => Worker.Name.ToLowerInvariant();
}
