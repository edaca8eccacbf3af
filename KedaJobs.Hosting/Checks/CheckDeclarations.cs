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
            Check(started.Model);
            return Task.CompletedTask;
        });
        return Task.CompletedTask;
    }

    private void Check(DistributedApplicationModel model)
    {
        var findings = ModelChecks.Run(ModelSnapshot.Of(model));
        foreach (var warning in findings.Where(finding => finding.Code.Severity == CheckSeverity.Warning))
        {
            Log.DeclarationIsDoubtful(logger, warning.Code.Id, warning.Resource, warning.Problem, warning.Cure);
        }

        var errors = findings.Where(finding => finding.Code.Severity == CheckSeverity.Error).ToList();
        if (errors.Count > 0)
        {
            throw new MisconfigurationException(errors);
        }
    }
}
