using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure.AppContainers;
using Azure.Provisioning.AppContainers;
using KedaJobs.Hosting;
using KedaJobs.Hosting.Publishing;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting;

/// <summary>Adds workload profiles to a Container Apps environment, for jobs that need more than the consumption profile offers.</summary>
[AspireExportIgnore(Reason = PolyglotAppHosts.NotSupported)]
public static class WorkloadProfileExtensions
{
    /// <summary>Adds a workload profile to the environment. Jobs name it in <see cref="JobOptions.WorkloadProfile"/>.</summary>
    /// <remarks>
    /// Nodes of a dedicated profile are billed as long as they exist, even if no execution runs on them. Profiles and their sizes:
    /// Microsoft Learn, "Workload profiles in Azure Container Apps".
    /// <example>
    /// <code>
    /// builder.AddAzureContainerAppEnvironment("env").WithWorkloadProfile("heavy", "E8", maximumNodes: 3);
    /// builder.AddProject&lt;Projects.Worker&gt;("worker")
    ///     .WithReference(jobs)
    ///     .AsEventJob(jobs, job =>
    ///     {
    ///         job.WorkloadProfile = "heavy";
    ///         job.Cpu = 4;
    ///         job.MemoryGi = 48;
    ///     });
    /// </code>
    /// </example>
    /// </remarks>
    /// <param name="builder">The environment.</param>
    /// <param name="name">The profile's name in the environment.</param>
    /// <param name="type">The type of its nodes: D4 to D32, E4 to E32, NC24-A100 to NC96-A100, or one of the Consumption types.</param>
    /// <param name="minimumNodes">The minimum number of nodes. At least 0. Not used by the Consumption types.</param>
    /// <param name="maximumNodes">
    /// The maximum number of nodes. At least 1, and at least <paramref name="minimumNodes"/>. Not used by the Consumption types.
    /// </param>
    /// <returns>The environment's builder.</returns>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="builder"/>, <paramref name="name"/> or <paramref name="type"/> is null.
    /// </exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> or <paramref name="type"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of nodes is out of range.</exception>
    public static IResourceBuilder<AzureContainerAppEnvironmentResource> WithWorkloadProfile(
        this IResourceBuilder<AzureContainerAppEnvironmentResource> builder, string name, string type, int minimumNodes = 0,
        int maximumNodes = 1)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentOutOfRangeException.ThrowIfNegative(minimumNodes);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumNodes, Math.Max(1, minimumNodes));
        var profile = new WorkloadProfile(name, type, minimumNodes, maximumNodes);
        builder.ApplicationBuilder.Services.AddSingleton(profile);
        return builder.ConfigureInfrastructure(infrastructure =>
        {
            var declared = new ContainerAppWorkloadProfile { Name = name, WorkloadProfileType = type };
            if (!profile.IsConsumption)
            {
                declared.MinimumNodeCount = minimumNodes;
                declared.MaximumNodeCount = maximumNodes;
            }

            // One that exists already has its profiles.
            foreach (var environment in infrastructure.GetProvisionableResources().OfType<ContainerAppManagedEnvironment>()
                .Where(environment => !environment.IsExistingResource))
            {
                environment.WorkloadProfiles.Add(declared);
            }
        });
    }
}
