using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Hosting.Checks;

/// <summary>Runs the checks when the model is complete, in run and in publish mode, before anything is started or written.</summary>
internal sealed class CheckDeclarations(ILogger<CheckDeclarations> logger) : IDistributedApplicationEventingSubscriber
{
    public Task SubscribeAsync(
        IDistributedApplicationEventing eventing, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        eventing.Subscribe<BeforeStartEvent>((started, _) =>
        {
            Check(ModelSnapshot.Of([.. started.Model.Resources], executionContext.IsPublishMode), started.Model);
            return Task.CompletedTask;
        });
        return Task.CompletedTask;
    }

    private void Check(CheckedModel model, DistributedApplicationModel resources)
    {
        var findings = ModelChecks.Run(model).ToLookup(finding => finding.Code.Severity);
        foreach (var warning in findings[CheckSeverity.Warning])
        {
            Log.DeclarationIsDoubtful(logger, warning.Code.Id, warning.Resource, warning.Problem, warning.Cure);
        }

        // For the worker's row in the dashboard, which is not there yet.
        foreach (var job in resources.Resources.SelectMany(resource => resource.Annotations.OfType<EventJobAnnotation>()))
        {
            job.Warnings = [.. findings[CheckSeverity.Warning].Where(warning => warning.Resource == job.Worker.Name)];
        }

        if (findings[CheckSeverity.Error].ToList() is { Count: > 0 } errors)
        {
            throw new MisconfigurationException(errors);
        }
    }
}
