namespace KedaJobs.Hosting.Checks;

/// <summary>Whether a job can be published as what it is declared to be. Source: Aspire.Hosting.Azure.AppContainers, which publishes projects and containers.</summary>
internal static class PublishChecks
{
    public static IEnumerable<CheckFinding> Run(CheckedJob job)
    {
        if (job.IsPublishedOtherwise)
        {
            yield return new(CheckCode.PublishedOtherwise, job.Resource,
                $"it is declared with {Verb(job.Kind)}, and published with PublishAsScheduledAzureContainerAppJob or PublishAsAzureContainerAppJob(), which make it a job of another kind.",
                "Remove that call: the declaration publishes the job. To change details of the deployment, pass a callback to PublishAsAzureContainerAppJob.");
        }

        if (job.LacksDockerfile)
        {
            yield return new(CheckCode.NoDockerfile, job.Resource,
                "it is an executable, and Container Apps runs images only.",
                "Call PublishAsDockerFile on it, with a Dockerfile in its working directory.");
        }
    }

    private static string Verb(JobKind kind) => kind switch
    {
        JobKind.Event => "AsEventJob",
        JobKind.Scheduled => "AsScheduledJob",
        _ => "AsManualJob",
    };
}
