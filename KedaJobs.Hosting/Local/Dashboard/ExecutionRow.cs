using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace KedaJobs.Hosting.Local.Dashboard;

/// <summary>A dashboard row below the worker that shows one execution after another.</summary>
/// <remarks>
/// Rows are resources of the model, hidden until they are used: only those can be described, waited for and followed by Aspire's tools. Their
/// number is fixed when the model is built, because a resource cannot be taken out of the dashboard again.
/// </remarks>
internal sealed class ExecutionRow(string name, string serviceInstance) : Resource(name)
{
    /// <summary>What telemetry of the row's executions carries as service.instance.id: the row's name is the worker's, '-', and this.</summary>
    public string ServiceInstance { get; } = serviceInstance;

    /// <summary>Declares the rows of a worker: <c>worker-01</c>, <c>worker-02</c>, ...</summary>
    public static IReadOnlyList<ExecutionRow> Declare(IResourceBuilder<ProjectResource> worker, int count)
    {
        var digits = Math.Max(2, count.ToString(System.Globalization.CultureInfo.InvariantCulture).Length);
        var rows = new List<ExecutionRow>(count);
        for (var number = 1; number <= count; number++)
        {
            var instance = number.ToString($"D{digits}", System.Globalization.CultureInfo.InvariantCulture);
            var row = new ExecutionRow($"{worker.Resource.Name}-{instance}", instance);
            worker.ApplicationBuilder.AddResource(row)
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
            rows.Add(row);
        }

        return rows;
    }
}
