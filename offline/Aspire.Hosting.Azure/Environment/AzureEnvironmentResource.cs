using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Azure;

[Experimental("ASPIREAZURE001")]
public sealed class AzureEnvironmentResource : Resource
{
    public const string PrepareResourcesStepName = "azure-prepare-resources";

    public AzureEnvironmentResource(
        string name, ParameterResource location, ParameterResource resourceGroupName, ParameterResource principalId)
        : base(name)
    {
        Location = location;
        ResourceGroupName = resourceGroupName;
        PrincipalId = principalId;
        Annotations.Add(ManifestPublishingCallbackAnnotation.Ignore);
        Annotations.Add(new PipelineStepAnnotation(_ => Steps()));
    }

    public ParameterResource Location { get; set; }

    public ParameterResource ResourceGroupName { get; set; }

    public ParameterResource PrincipalId { get; set; }

    private IEnumerable<PipelineStep> Steps()
    {
        yield return new PipelineStep
        {
            Name = PrepareResourcesStepName,
            Description = "Gives the Azure resources their roles.",
            Action = context =>
                context.Services.GetRequiredService<AzureResourcePreparer>().PrepareAsync(context.Model, context.CancellationToken),
            RequiredBySteps = [WellKnownPipelineSteps.BeforeStart],
        };
        yield return new PipelineStep
        {
            Name = $"publish-{Name}",
            Description = "Writes main.bicep and a folder for each module.",
            Action = PublishAsync,
            DependsOnSteps = [WellKnownPipelineSteps.PublishPrereq],
            RequiredBySteps = [WellKnownPipelineSteps.Publish],
        };

        // Before anything is built or pushed: a deployment that deploys nothing must not look like one.
        yield return new PipelineStep
        {
            Name = "validate-azure-login",
            Description = "Refuses to deploy.",
            Action = _ => throw new NotSupportedException(
                "The stand-ins for the Azure packages don't deploy. Deploy what 'aspire publish' or azd writes, "
                + "or use a package feed that has these packages."),
            RequiredBySteps = [WellKnownPipelineSteps.DeployPrereq, WellKnownPipelineSteps.Deploy],
        };
    }

    private async Task PublishAsync(PipelineStepContext context)
    {
        var folder = context.Services.GetRequiredService<IPipelineOutputService>().GetOutputDirectory();
        var task = await context.ReportingStep.CreateTaskAsync("Writing Azure Bicep templates", context.CancellationToken)
            .ConfigureAwait(false);
        await using (task.ConfigureAwait(false))
        {
            await MainTemplate.WriteAsync(folder, this, context).ConfigureAwait(false);
            await task.CompleteAsync($"Azure Bicep templates written to {folder}.", CompletionState.Completed, context.CancellationToken)
                .ConfigureAwait(false);
        }
    }
}
