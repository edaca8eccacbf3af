using Aspire.Hosting.ApplicationModel;
using KedaJobs.Hosting.Publishing;

namespace KedaJobs.Hosting.Checks;

/// <summary>What the checks know of the deployment beside the model's resources.</summary>
/// <param name="IsPublishing">Whether the AppHost publishes.</param>
/// <param name="Profiles">The workload profiles that environments declare.</param>
/// <param name="WorkerValues">Each worker's environment and arguments. Empty when the AppHost runs.</param>
internal sealed record DeploymentFacts(
    bool IsPublishing, IReadOnlyList<WorkloadProfile> Profiles, IReadOnlyDictionary<IResource, WorkerValues> WorkerValues)
{
    public WorkerValues Values(IResource worker) => WorkerValues.GetValueOrDefault(worker, Checks.WorkerValues.None);
}
