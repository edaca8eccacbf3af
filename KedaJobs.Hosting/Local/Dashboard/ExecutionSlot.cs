using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting.Local.Dashboard;

/// <summary>A resource below the worker that shows one execution after another.</summary>
/// <remarks>
/// Slots are resources of the model, hidden until they are used: only those can be described, waited for and followed by
/// Aspire's tools. Their number is fixed when the model is built, because a resource cannot be taken out of the dashboard
/// again. It does not limit how many executions run.
/// </remarks>
internal sealed class ExecutionSlot(string name, string serviceInstance) : Resource(name)
{
    /// <summary>
    /// What telemetry of the slot's executions carries as service.instance.id: the slot's name is the worker's, '-', and this.
    /// </summary>
    public string ServiceInstance { get; } = serviceInstance;

    /// <summary>Declares the slots of a worker: <c>worker-01</c>, <c>worker-02</c>, ...</summary>
    public static IReadOnlyList<ExecutionSlot> Declare(IResourceBuilder<IResource> worker, int count)
    {
        var digits = Math.Max(2, count.ToString(CultureInfo.InvariantCulture).Length);
        var slots = new List<ExecutionSlot>(count);
        for (var number = 1; number <= count; number++)
        {
            var instance = number.ToString($"D{digits}", CultureInfo.InvariantCulture);
            var slot = new ExecutionSlot($"{worker.Resource.Name}-{instance}", instance);
            worker.ApplicationBuilder.AddResource(slot)
                .WithParentRelationship(worker)
                .WithIconName("CalendarClock")
                .ExcludeFromManifest()
                .WithInitialState(new CustomResourceSnapshot
                {
                    ResourceType = "Execution",
                    Properties = [],
                    IsHidden = true,
                    State = KnownResourceStates.NotStarted,
                });
            slots.Add(slot);
        }

        return slots;
    }
}
