using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;
using KedaJobs.Hosting.Publishing;
using Microsoft.Extensions.Logging;

namespace KedaJobs.Hosting.Checks;

/// <summary>Runs the checks when the model is complete, in run and in publish mode, before anything is started or written.</summary>
internal sealed class CheckDeclarations(IEnumerable<WorkloadProfile> profiles, ILogger<CheckDeclarations> logger)
    : IDistributedApplicationEventingSubscriber
{
    public Task SubscribeAsync(
        IDistributedApplicationEventing eventing, DistributedApplicationExecutionContext executionContext,
        CancellationToken cancellationToken)
    {
        eventing.Subscribe<BeforeStartEvent>(async (started, cancelled) =>
        {
            var values = new Dictionary<IResource, WorkerValues>();
            if (executionContext.IsPublishMode)
            {
                foreach (var worker in Jobs(started.Model).Select(job => job.Worker))
                {
                    values[worker] = await WorkerValues.GatherAsync(worker, executionContext, cancelled).ConfigureAwait(false);
                }
            }

            var facts = new DeploymentFacts(executionContext.IsPublishMode, [.. profiles], values);
            Check(ModelSnapshot.Of([.. started.Model.Resources], facts), started.Model);
        });
        return Task.CompletedTask;
    }

    private static IEnumerable<EventJobAnnotation> Jobs(DistributedApplicationModel model) =>
        model.Resources.SelectMany(resource => resource.Annotations.OfType<EventJobAnnotation>());

    private void Check(CheckedModel model, DistributedApplicationModel resources)
    {
        var findings = ModelChecks.Run(model).ToLookup(finding => finding.Code.Severity);
        foreach (var warning in findings[CheckSeverity.Warning])
        {
            Log.DeclarationIsDoubtful(logger, warning.Code.Id, warning.Resource, warning.Problem, warning.Cure);
        }

        // For the worker's row in the dashboard, which is not there yet.
        foreach (var job in Jobs(resources))
        {
            job.Warnings = [.. findings[CheckSeverity.Warning].Where(warning => warning.Resource == job.Worker.Name)];
        }

        if (findings[CheckSeverity.Error].ToList() is { Count: > 0 } errors)
        {
            throw new MisconfigurationException(errors);
        }
    }
}
