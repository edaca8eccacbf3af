using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Azure;

/// <summary>Work on the complete model, in run and publish mode alike, before anything is started or written.</summary>
internal interface IBeforeStartStep
{
    Task RunAsync(DistributedApplicationModel model, CancellationToken cancellationToken);
}

internal static class BeforeStartSteps
{
    /// <summary>The name of the step that gives roles and provisioning tasks to the Azure resources.</summary>
    public const string PrepareResources = "azure-prepare-resources";

    /// <summary>Adds a step, once.</summary>
    /// <returns>Whether it was new.</returns>
    public static bool TryAddBeforeStartStep<T>(this IDistributedApplicationBuilder builder, string name, string? dependsOn = null)
        where T : class, IBeforeStartStep
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(T)))
        {
            return false;
        }

        builder.Services.AddSingleton<T>();
        builder.Pipeline.AddStep(
            name,
            context => context.Services.GetRequiredService<T>().RunAsync(context.Model, context.CancellationToken),
            dependsOn,
            WellKnownPipelineSteps.BeforeStart);
        return true;
    }
}
