namespace KedaJobs.Hosting.Publishing;

/// <summary>
/// A workload profile that a Container Apps environment of the AppHost declares. Registered as a service: when the AppHost runs, the
/// environment is not in the model.
/// </summary>
/// <param name="Name">Its name in the environment.</param>
/// <param name="Type">What its nodes are, for instance <c>D4</c>.</param>
/// <param name="MinimumNodes">The minimum number of nodes.</param>
/// <param name="MaximumNodes">The maximum number of nodes.</param>
internal sealed record WorkloadProfile(string Name, string Type, int MinimumNodes = 0, int MaximumNodes = 1)
{
    /// <summary>Whether replicas are billed one by one, without nodes that could be counted.</summary>
    public bool IsConsumption => Type.StartsWith("Consumption", StringComparison.OrdinalIgnoreCase);
}
