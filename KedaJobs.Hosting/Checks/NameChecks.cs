using System.Text.RegularExpressions;

namespace KedaJobs.Hosting.Checks;

/// <summary>Names that Azure refuses. Sources: Microsoft.App/jobs (job names), Service Bus quotas (entity names).</summary>
internal static partial class NameChecks
{
    private const int LongestJobName = 31;
    private const int LongestEntityName = 260;
    private const int LongestSubscriptionName = 50;

    public static IEnumerable<CheckFinding> Run(CheckedJob job)
    {
        var name = job.JobName;
        if (name.Length > LongestJobName)
        {
            yield return new(CheckCode.JobName, job.Resource,
                $"the job's name '{name}' has {name.Length} characters; Container Apps allows at most {LongestJobName}.",
                "Give the worker a shorter resource name in AddProject.");
        }
        else if (!JobNamePattern().IsMatch(name) || name.Contains("--", StringComparison.Ordinal))
        {
            yield return new(CheckCode.JobName, job.Resource,
                $"the job's name '{name}' is not accepted by Container Apps.",
                "Use lower-case letters, digits and single '-', beginning with a letter and ending with a letter or digit.");
        }

        foreach (var (kind, entity, longest) in job.Triggers.SelectMany(EntityNames))
        {
            if (entity.Length > longest || !EntityNamePattern().IsMatch(entity))
            {
                yield return new(CheckCode.EntityName, job.Resource,
                    $"Service Bus or Bicep does not accept the {kind} name '{entity}'.",
                    $"Use 1 to {longest} letters, digits and '.', '-', '_', beginning and ending with a letter or digit.");
            }
        }
    }

    private static IEnumerable<(string Kind, string Name, int Longest)> EntityNames(CheckedTrigger trigger) => trigger switch
    {
        CheckedSubscription subscription =>
        [
            ("topic", subscription.TopicName, LongestEntityName),
            ("subscription", subscription.SubscriptionName, LongestSubscriptionName),
        ],
        _ => [("queue", trigger.Entity, LongestEntityName)],
    };

    [GeneratedRegex("^[a-z]([a-z0-9-]*[a-z0-9])?$")]
    private static partial Regex JobNamePattern();

    // Service Bus would take '/' in the names of queues and topics, but the Bicep that Aspire writes for them does not compile.
    [GeneratedRegex("^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$")]
    private static partial Regex EntityNamePattern();
}
