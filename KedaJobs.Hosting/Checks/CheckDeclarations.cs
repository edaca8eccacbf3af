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
            Check([.. started.Model.Resources.SelectMany(resource => resource.Annotations.OfType<EventJobAnnotation>())]);
            return Task.CompletedTask;
        });
        return Task.CompletedTask;
    }

    private void Check(List<EventJobAnnotation> jobs)
    {
        var findings = ModelChecks.Run(ModelSnapshot.Of(jobs)).ToLookup(finding => finding.Code.Severity);
        foreach (var warning in findings[CheckSeverity.Warning])
        {
            Log.DeclarationIsDoubtful(logger, warning.Code.Id, warning.Resource, warning.Problem, warning.Cure);
        }

        // For the worker's row in the dashboard, which is not there yet.
        foreach (var job in jobs)
        {
            job.Warnings = [.. findings[CheckSeverity.Warning].Where(warning => warning.Resource == job.Worker.Name)];
        }

        if (findings[CheckSeverity.Error].ToList() is { Count: > 0 } errors)
        {
            throw new MisconfigurationException(errors);
        }
    }
}
