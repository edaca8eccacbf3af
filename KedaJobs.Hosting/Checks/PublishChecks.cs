using Azure.Provisioning.AppContainers;
using Azure.Provisioning.Expressions;

namespace KedaJobs.Hosting.Checks;

/// <summary>
/// Whether a job can be published as what it is declared to be. Source: Aspire.Hosting.Azure.AppContainers,
/// which publishes projects and containers.
/// </summary>
internal static class PublishChecks
{
    private const string Cure =
        "Remove that call: the declaration publishes the job. "
        + "To change details of the deployment, pass a callback to PublishAsAzureContainerAppJob.";

    public static IEnumerable<CheckFinding> Run(CheckedJob job)
    {
        if (job.IsPublishedOtherwise)
        {
            yield return new(CheckCode.PublishedOtherwise, job.Resource,
                $"it is declared with {Verb(job.Kind)}, but published with PublishAsScheduledAzureContainerAppJob or "
                    + "PublishAsAzureContainerAppJob(), which make it a job of another kind.",
                Cure);
        }

        if (job.LacksDockerfile)
        {
            yield return new(CheckCode.NoDockerfile, job.Resource,
                "it is an executable, but Container Apps runs images only.",
                "Call PublishAsDockerFile on it, with a Dockerfile in its working directory.");
        }
    }

    /// <summary>Looks at the job as all callbacks of the AppHost left it, for what cannot be seen before its module is written.</summary>
    /// <exception cref="MisconfigurationException">It is a job of another kind.</exception>
    public static void RequireKind(ContainerAppJob published, EventJobAnnotation job)
    {
        var declared = job.Kind switch
        {
            JobKind.Event => ContainerAppJobTriggerType.Event,
            JobKind.Scheduled => ContainerAppJobTriggerType.Schedule,
            _ => ContainerAppJobTriggerType.Manual,
        };
        if (published.Configuration.TriggerType.Compile() is StringLiteralExpression { Value: var actual } && actual != declared.ToString())
        {
            throw new MisconfigurationException(
            [
                new(CheckCode.PublishedOtherwise, job.Worker.Name,
                    $"it is declared with {Verb(job.Kind)}, but a callback of PublishAsAzureContainerAppJob sets its trigger "
                        + $"type to {actual}.", Cure),
            ]);
        }
    }

    private static string Verb(JobKind kind) => kind switch
    {
        JobKind.Event => "AsEventJob",
        JobKind.Scheduled => "AsScheduledJob",
        _ => "AsManualJob",
    };
}
