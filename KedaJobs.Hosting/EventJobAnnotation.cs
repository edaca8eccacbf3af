using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using KedaJobs.Hosting.Checks;
using KedaJobs.Hosting.Local.Dashboard;

namespace KedaJobs.Hosting;

/// <summary>What starts a job's executions. Container Apps calls it the trigger type.</summary>
internal enum JobKind
{
    /// <summary>Scale rules: the messages in queues, and anything else that KEDA can read.</summary>
    Event,

    /// <summary>A schedule.</summary>
    Scheduled,

    /// <summary>Only people and programs that ask for it.</summary>
    Manual,
}

/// <summary>An entity that a job is scaled by.</summary>
/// <param name="Entity">The entity whose active messages start executions.</param>
/// <param name="MessageCount">Messages that one execution should take; null: the value of the job's options.</param>
/// <param name="ActivationMessageCount">The trigger is active only above this many; null: the value of the job's options.</param>
internal sealed record EntityTrigger(TriggerEntity Entity, int? MessageCount = null, int? ActivationMessageCount = null)
{
    /// <summary>The scale rule's name; null: the job's.</summary>
    public string? RuleName { get; init; }
}

/// <summary>The record of a job's declaration. Run mode, publish mode and the checks read only this record.</summary>
internal sealed class EventJobAnnotation(IComputeResource worker, JobKind kind, EventJobOptions options) : IResourceAnnotation
{
    /// <summary>The resource whose executions are started: a project, an executable or a container.</summary>
    public IComputeResource Worker { get; } = worker;

    public JobKind Kind { get; } = kind;

    /// <summary>The cron expression of a scheduled job; otherwise null.</summary>
    public string? Schedule { get; init; }

    /// <summary>The entity that the job was declared with: the first of <see cref="Triggers"/>.</summary>
    public TriggerEntity Trigger => Triggers[0].Entity;

    /// <summary>The entities whose active messages start executions. At least one for an event job; otherwise none.</summary>
    public IList<EntityTrigger> Triggers { get; } = [];

    /// <summary>
    /// The declared options, with the AppHost's configuration applied. Of a job that is not an event
    /// job, the part of <see cref="JobOptions"/>.
    /// </summary>
    public EventJobOptions Options { get; } = options;

    /// <summary>The callback that publishes it, as Aspire keeps it. Publish mode only; otherwise null.</summary>
    public AzureContainerAppJobCustomizationAnnotation? Customization { get; set; }

    /// <summary>The warnings of the checks, once the model is complete.</summary>
    public IReadOnlyList<CheckFinding> Warnings { get; set; } = [];

    /// <summary>The resources that show its executions, in the order of their first use. Run mode only; otherwise empty.</summary>
    public IReadOnlyList<ExecutionSlot> Slots { get; set; } = [];

    /// <summary>The job's name: Container Apps requires lowercase, and Aspire publishes it in lowercase.</summary>
    public string JobName => Worker.Name.ToLowerInvariant();
}
